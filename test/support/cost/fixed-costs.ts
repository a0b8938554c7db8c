import { z } from "zod";
import { HOURS_A_MONTH, priceOf } from "./prices.ts";

/** A resource of a template, as far as its price depends on it. */
export interface PricedResource {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What is paid each month, however few messages come. */
export interface MonthlyLine {
  readonly service: string;
  readonly item: string;
  readonly usd: number;
}

const cache = z.looseObject({ CacheNodeType: z.string(), NumCacheClusters: z.number().int() });
const search = z.looseObject({
  ClusterConfig: z.looseObject({
    InstanceType: z.string(),
    InstanceCount: z.number().int(),
    DedicatedMasterEnabled: z.boolean().default(false),
    DedicatedMasterType: z.string().optional(),
    DedicatedMasterCount: z.number().int().default(0),
  }),
  EBSOptions: z.looseObject({ VolumeSize: z.number() }),
});

/** Resources that cost the same each month; every other type costs by its nodes, by use, or nothing. */
const FLAT: Readonly<Record<string, { readonly service: string; readonly price: string }>> = {
  "AWS::KMS::Key": { service: "KMS", price: "kms.key" },
  "AWS::SecretsManager::Secret": { service: "Secrets Manager", price: "secrets.secret" },
  "AWS::CloudWatch::Alarm": { service: "CloudWatch", price: "cloudwatch.alarm" },
};

/** Types that would cost by the hour and that no price here covers. */
const UNPRICED = /^AWS::(EC2::NatGateway|RDS::|ECS::Service|ElastiCache::ServerlessCache)/;

/**
 * Monthly costs of a stage's resources, read from what its templates deploy.
 * @throws Error when a resource costs by the hour and has no price
 */
export function monthlyCosts(resources: readonly PricedResource[]): MonthlyLine[] {
  const flat = Object.entries(FLAT).flatMap(([type, { service, price }]) => {
    const count = resources.filter((resource) => resource.type === type).length;
    return count === 0 ? [] : [{ service, item: `${count} × ${nameOf(type)}`, usd: priceOf(price, count) }];
  });
  return [...resources.flatMap(nodeCosts), ...flat];
}

const nameOf = (type: string): string => (type.split("::").at(-1) ?? type).toLowerCase();

function nodeCosts({ type, properties }: PricedResource): MonthlyLine[] {
  if (
    UNPRICED.test(type) ||
    (type === "AWS::EC2::VPCEndpoint" && properties["VpcEndpointType"] === "Interface")
  )
    throw new Error(`${type} costs by the hour and has no price here`);
  const nodes = (service: string, prefix: string, node: string, count: number): MonthlyLine => ({
    service,
    item: `${count} × ${node}`,
    usd: priceOf(`${prefix}.${node}`, count * HOURS_A_MONTH),
  });
  if (type === "AWS::ElastiCache::ReplicationGroup") {
    const { CacheNodeType: node, NumCacheClusters: count } = cache.parse(properties);
    return [nodes("ElastiCache", "elasticache", node, count)];
  }
  if (type === "AWS::OpenSearchService::Domain") {
    const { ClusterConfig: cluster, EBSOptions: storage } = search.parse(properties);
    const gigabytes = storage.VolumeSize * cluster.InstanceCount;
    return [
      nodes("OpenSearch", "opensearch", cluster.InstanceType, cluster.InstanceCount),
      ...(cluster.DedicatedMasterEnabled && cluster.DedicatedMasterType !== undefined
        ? [nodes("OpenSearch", "opensearch", cluster.DedicatedMasterType, cluster.DedicatedMasterCount)]
        : []),
      { service: "OpenSearch", item: `${gigabytes} GB gp3`, usd: priceOf("opensearch.gp3", gigabytes) },
    ];
  }
  return [];
}
