import { RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import type { Placement } from "../constructs/hilo-function.ts";
import { physicalName } from "../naming.ts";

/** Port of the cache; the well-known one would tell what listens. */
export const CACHE_PORT = 6380;

/**
 * The network of the cache and of the functions that touch it: isolated subnets in two zones, no NAT and no
 * internet gateway. DynamoDB and S3 are reached by gateway endpoints, which cost nothing.
 */
export class NetworkStack extends Stack {
  readonly vpc: IVpc;
  readonly cacheGroup: SecurityGroup;
  /** Where functions that touch the cache run. */
  readonly placement: Placement;

  constructor(scope: Construct, id: string, props: { readonly stage: StageConfig; readonly logKey: IKey }) {
    const { stage, logKey } = props;
    super(scope, id, { stackName: physicalName(stage, "network") });
    const vpc = new Vpc(this, "Vpc", {
      vpcName: physicalName(stage, "network"),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: "isolated", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 }],
      gatewayEndpoints: {
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
        S3: { service: GatewayVpcEndpointAwsService.S3 },
      },
    });
    vpc.addFlowLog("FlowLog", {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, "FlowLogs", {
          logGroupName: `/hilo/${stage.name}/network`,
          retention: stage.logRetention,
          encryptionKey: logKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    });

    // The library's types are not exact about optional properties.
    this.vpc = vpc as IVpc;
    this.cacheGroup = new SecurityGroup(this, "CacheGroup", {
      vpc: this.vpc,
      description: "The cache: entered by the functions that touch it",
      allowAllOutbound: false,
    });
    const clients = new SecurityGroup(this, "CacheClientGroup", {
      vpc: this.vpc,
      description: "Functions that touch the cache",
      allowAllOutbound: false,
    });
    this.cacheGroup.addIngressRule(clients, Port.tcp(CACHE_PORT), "functions that touch the cache");
    clients.addEgressRule(this.cacheGroup, Port.tcp(CACHE_PORT), "the cache");
    clients.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "gateway endpoints; no other route leaves the network");
    this.placement = { vpc: this.vpc, securityGroup: clients };
  }
}
