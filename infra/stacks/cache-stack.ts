import { ArnFormat, Stack } from "aws-cdk-lib";
import {
  CfnParameterGroup,
  CfnReplicationGroup,
  CfnSubnetGroup,
  CfnUser,
  CfnUserGroup,
} from "aws-cdk-lib/aws-elasticache";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { ManagedCache, StageConfig } from "../config.ts";
import type { HiloFunction } from "../constructs/hilo-function.ts";
import { physicalName } from "../naming.ts";
import type { CacheAccess } from "../store-access.ts";
import { CACHE_PORT, type NetworkStack } from "./network-stack.ts";

/**
 * Commands of the cache's users: reads, writes and our scripts. Nothing that lists keys (`KEYS`, `SCAN`),
 * empties or configures; `INFO` tells the client that the node is ready.
 */
const ACCESS = "on ~* -@all +@read +@write +@scripting +@connection -@dangerous -scan -randomkey +info";
/** The function that fences a restored cache before it serves looks through all of its keys; nobody else does. */
const RESTORER_ACCESS = `${ACCESS} +scan`;

export interface CacheStackProps {
  readonly stage: StageConfig;
  readonly shape: ManagedCache;
  readonly network: NetworkStack;
  /** Encrypts the cache at rest. */
  readonly key: IKey;
}

/** Valkey on ElastiCache: encrypted, entered with an IAM identity, evicting what was least recently used. */
export class CacheStack extends Stack {
  readonly access: CacheAccess;

  constructor(scope: Construct, id: string, props: CacheStackProps) {
    const { stage, shape, network } = props;
    super(scope, id, { stackName: physicalName(stage, "cache") });
    const name = physicalName(stage, "cache");
    const parameters = new CfnParameterGroup(this, "Parameters", {
      cacheParameterGroupFamily: "valkey8",
      description: "Any key may be evicted: the cache holds no authority",
      properties: { "maxmemory-policy": "allkeys-lru" },
    });
    const subnets = new CfnSubnetGroup(this, "Subnets", {
      description: "Isolated subnets",
      subnetIds: network.vpc.isolatedSubnets.map((subnet) => subnet.subnetId),
    });
    const addUser = (construct: string, userId: string, accessString: string): CfnUser =>
      new CfnUser(this, construct, {
        engine: "valkey",
        // IAM identities want the id and the name of the user to be equal.
        userId,
        userName: userId,
        authenticationMode: { Type: "iam" },
        accessString,
      });
    const restorerName = physicalName(stage, "cache-restorer");
    const user = addUser("User", name, ACCESS);
    const restorer = addUser("Restorer", restorerName, RESTORER_ACCESS);
    const users = new CfnUserGroup(this, "Users", {
      engine: "valkey",
      userGroupId: name,
      userIds: [user.ref, restorer.ref],
    });
    const replicated = shape.nodes > 1;
    const group = new CfnReplicationGroup(this, "Valkey", {
      replicationGroupId: name,
      replicationGroupDescription: `Hilo ${stage.name}: recent contexts, sessions, common answers`,
      engine: "valkey",
      engineVersion: "8.0",
      cacheNodeType: shape.nodeType,
      cacheParameterGroupName: parameters.ref,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [network.cacheGroup.securityGroupId],
      port: CACHE_PORT,
      numCacheClusters: shape.nodes,
      automaticFailoverEnabled: replicated,
      multiAzEnabled: replicated,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      atRestEncryptionEnabled: true,
      kmsKeyId: props.key.keyArn,
      userGroupIds: [users.ref],
      // A snapshot would keep what an erasure removes, and every key can be filled again.
      snapshotRetentionLimit: 0,
      autoMinorVersionUpgrade: true,
    });
    acceptFinding(
      group,
      "AwsSolutions-AEC6",
      "the user group asks for an IAM identity, which expires; AUTH is a password",
    );
    if (!replicated) {
      acceptFinding(
        group,
        "AwsSolutions-AEC4",
        "one node by choice of the stage: a lost cache is filled again from DynamoDB",
      );
    }

    const url = `rediss://${group.attrPrimaryEndPointAddress}:${CACHE_PORT}`;
    const accessOf = (userId: string): Omit<CacheAccess, "restorer"> => {
      const resourceArns = [this.#cacheArn("replicationgroup", name), this.#cacheArn("user", userId)];
      return {
        url,
        environment: { REDIS_URL: url, REDIS_AUTH: "iam", REDIS_USER: userId, REDIS_CACHE_NAME: name },
        placement: network.placement,
        grantConnect(target: HiloFunction): void {
          Grant.addToPrincipal({ grantee: target, actions: ["elasticache:Connect"], resourceArns });
        },
      };
    };
    this.access = { ...accessOf(name), restorer: accessOf(restorerName) };
  }

  #cacheArn(resource: string, resourceName: string): string {
    return this.formatArn({
      service: "elasticache",
      resource,
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
