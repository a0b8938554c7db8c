import { describe, expect, it } from "vitest";
import { STAGE_NAMES, stageConfig } from "../../infra/config.ts";
import { asList, at, functionOf, type Resource, synthesise } from "./synthesise.ts";

const [local, lean, standard] = STAGE_NAMES.map((name) => synthesise(name));
if (!local || !lean || !standard) throw new Error("a stage is missing");

/** Types, or beginnings of them, for which the emulator refuses a whole template. */
const REFUSED_LOCALLY = [
  "AWS::Athena::NamedQuery",
  "AWS::Athena::PreparedStatement",
  "AWS::Backup::BackupSelection",
  "AWS::Budgets::",
  "AWS::CloudTrail::",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::EC2::EIP",
  "AWS::EC2::FlowLog",
  "AWS::EC2::NatGateway",
  "AWS::EC2::SecurityGroupIngress",
  "AWS::ElastiCache::",
  "AWS::OpenSearchServerless::",
  "AWS::OpenSearchService::",
  "AWS::QuickSight::",
  "AWS::SecretsManager::RotationSchedule",
  "AWS::StepFunctions::StateMachineAlias",
  "AWS::StepFunctions::StateMachineVersion",
  "Custom::",
];

/** The only functions that touch the cache. */
const CACHE_FUNCTIONS = [
  "access-cache",
  "compare-contexts",
  "erase-cache",
  "read-context",
  "refresh-cache",
  "store-in-cache",
];

describe("the local stage", () => {
  it("has only types that the emulator deploys", () => {
    const refused = local.resources.filter(({ type }) =>
      REFUSED_LOCALLY.some((beginning) => type.startsWith(beginning)),
    );
    expect(refused.map(({ type }) => type)).toEqual([]);
  });

  it("has no alarm on metric mathematics, which the emulator refuses", () => {
    const composed = local
      .ofType("AWS::CloudWatch::Alarm")
      .filter(({ properties }) => properties["Metrics"] !== undefined);
    expect(composed).toEqual([]);
  });

  it("deploys the same functions, tables, queues and machine as AWS does", () => {
    const names = (resources: readonly Resource[], property: string) =>
      resources.map(({ properties }) => String(properties[property]).replace(/^hilo-\w+-/, "")).sort();
    const inAws = (stack: string, type: string) =>
      lean.ofType(type).filter((resource) => resource.stack === `hilo-lean-${stack}`);
    for (const [stack, type, property] of [
      ["data", "AWS::DynamoDB::Table", "TableName"],
      ["pipeline", "AWS::Lambda::Function", "FunctionName"],
      ["pipeline", "AWS::SQS::Queue", "QueueName"],
      ["pipeline", "AWS::StepFunctions::StateMachine", "StateMachineName"],
      ["erasure", "AWS::Events::Rule", "Name"],
      ["erasure", "AWS::IAM::Role", "RoleName"],
      ["erasure", "AWS::Lambda::Function", "FunctionName"],
      ["erasure", "AWS::StepFunctions::StateMachine", "StateMachineName"],
      ["lake", "AWS::Lambda::Function", "FunctionName"],
      ["lake", "AWS::StepFunctions::StateMachine", "StateMachineName"],
      ["lake", "AWS::Glue::Job", "Name"],
      ["lake", "AWS::Scheduler::Schedule", "Name"],
    ] as const) {
      const here = local.ofType(type).filter((resource) => resource.stack === `hilo-local-${stack}`);
      expect(here.length, type).toBeGreaterThan(0);
      expect(names(here, property), type).toEqual(names(inAws(stack, type), property));
    }
  });

  it("takes the endpoints it is given", () => {
    const config = stageConfig("local", {
      HILO_LOCAL_REDIS_URL: "redis://127.0.0.1:7001",
      HILO_LOCAL_OPENSEARCH_URL: "http://127.0.0.1:7002",
    });
    expect(config.cache).toEqual({ kind: "endpoint", url: "redis://127.0.0.1:7001" });
    expect(config.search).toEqual({ kind: "endpoint", url: "http://127.0.0.1:7002" });
  });
});

describe.each([
  ["lean", lean],
  ["standard", standard],
] as const)("the stage %s", (name, stage) => {
  it("names no account, region or zone", () => {
    expect(JSON.stringify(stage.resources)).not.toMatch(/\b\d{12}\b|us-east-1/);
  });

  it("places the functions of the cache in the network, and no other", () => {
    const placed = stage
      .ofType("AWS::Lambda::Function")
      .filter(({ properties }) => properties["VpcConfig"] !== undefined)
      .map(({ properties }) => String(properties["FunctionName"]).replace(`hilo-${name}-`, ""));
    expect(placed.sort()).toEqual(CACHE_FUNCTIONS);
  });

  it("gives only them the cache's address and the right to connect", () => {
    const told = stage
      .ofType("AWS::Lambda::Function")
      .filter(({ properties }) => at(properties["Environment"], "Variables", "REDIS_URL") !== undefined)
      .map(({ properties }) => String(properties["FunctionName"]).replace(`hilo-${name}-`, ""));
    expect(told.sort()).toEqual(CACHE_FUNCTIONS);
    const connecting = stage
      .ofType("AWS::IAM::Policy")
      .filter(({ properties }) => JSON.stringify(properties).includes("elasticache:Connect"));
    expect(connecting).toHaveLength(CACHE_FUNCTIONS.length);
  });

  it("has no NAT, no internet gateway, free endpoints for DynamoDB and S3, and a flow log", () => {
    const types = stage.resources.map(({ type }) => type);
    for (const type of ["AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::InternetGateway"]) {
      expect(types).not.toContain(type);
    }
    const endpoints = stage.ofType("AWS::EC2::VPCEndpoint").map(({ properties }) => properties);
    expect(endpoints.map((endpoint) => endpoint["VpcEndpointType"])).toEqual(["Gateway", "Gateway"]);
    expect(types).toContain("AWS::EC2::FlowLog");
  });

  it("lets only the functions of the cache through to it", () => {
    const entries = stage.ofType("AWS::EC2::SecurityGroupIngress");
    expect(entries).toHaveLength(1);
    expect(entries[0]?.properties).toMatchObject({ IpProtocol: "tcp", FromPort: 6380, ToPort: 6380 });
    expect(JSON.stringify(entries[0]?.properties["SourceSecurityGroupId"])).toContain("CacheClientGroup");
    for (const { properties } of stage.ofType("AWS::EC2::SecurityGroup")) {
      expect(asList(properties["SecurityGroupIngress"])).toEqual([]);
    }
  });

  it("runs Valkey encrypted, entered by an IAM identity, evicting any key, keeping no snapshot", () => {
    expect(stage.ofType("AWS::ElastiCache::ParameterGroup")[0]?.properties["Properties"]).toEqual({
      "maxmemory-policy": "allkeys-lru",
    });
    const users = stage.ofType("AWS::ElastiCache::User");
    for (const user of users) {
      expect(user.properties).toMatchObject({ Engine: "valkey", AuthenticationMode: { Type: "iam" } });
      expect(user.properties["UserId"]).toBe(user.properties["UserName"]);
      expect(String(user.properties["AccessString"])).toMatch(/-@dangerous.* -scan/);
    }
    // Redis reads an access string from left to right: the last rule about a command counts.
    const scanning = users.filter(({ properties }) => /\+scan\b/.test(String(properties["AccessString"])));
    expect(scanning.map(({ properties }) => properties["UserId"])).toEqual([`hilo-${name}-cache-restorer`]);
    expect(stage.ofType("AWS::ElastiCache::ReplicationGroup")[0]?.properties).toMatchObject({
      Engine: "valkey",
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: "required",
      AtRestEncryptionEnabled: true,
      SnapshotRetentionLimit: 0,
      UserGroupIds: [{ Ref: stage.ofType("AWS::ElastiCache::UserGroup")[0]?.id }],
    });
  });

  it("lets the function that looks through a restored cache scan, and no other", () => {
    const scanning = stage
      .ofType("AWS::Lambda::Function")
      .filter(
        ({ properties }) =>
          at(properties["Environment"], "Variables", "REDIS_USER") === `hilo-${name}-cache-restorer`,
      )
      .map(({ properties }) => properties["FunctionName"]);
    expect(scanning).toEqual([`hilo-${name}-access-cache`]);
  });

  it("runs a search domain that is encrypted, HTTPS only, and asks for an identity with rights", () => {
    const [domain] = stage.ofType("AWS::OpenSearchService::Domain");
    expect(domain?.properties).toMatchObject({
      EncryptionAtRestOptions: { Enabled: true },
      NodeToNodeEncryptionOptions: { Enabled: true },
      DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
      AdvancedSecurityOptions: { Enabled: true, InternalUserDatabaseEnabled: false },
    });
    const master = JSON.stringify(at(domain?.properties["AdvancedSecurityOptions"], "MasterUserOptions"));
    expect(master).toContain("ApplySearchTemplatesRole");
    const statements = asList(at(domain?.properties["AccessPolicies"], "Statement"));
    expect(statements).toHaveLength(1);
    expect(JSON.stringify(at(statements[0], "Principal"))).toContain(":root");
    const logs = Object.keys(domain?.properties["LogPublishingOptions"] as object);
    // Slow logs quote queries and documents.
    expect(logs).toEqual(["ES_APPLICATION_LOGS"]);
  });

  it("applies the search templates at deployment, as the domain's master, and says who writes", () => {
    const applied = stage.ofType("Custom::SearchTemplates");
    expect(applied).toHaveLength(1);
    const variables = at(
      functionOf(stage, name, "apply-search-templates").properties["Environment"],
      "Variables",
    );
    const told = (variable: string): string => JSON.stringify(at(variables, variable));
    const roles = stage
      .ofType("AWS::IAM::Role")
      .map(({ properties }) => JSON.stringify(properties["RoleName"] ?? ""));
    const granted = [
      ["index-to-opensearch", "OPENSEARCH_WRITER_ROLES"],
      ["repair-index", "OPENSEARCH_WRITER_ROLES"],
      ["repair-day", "OPENSEARCH_REPAIRER_ROLES"],
      ["erase-search", "OPENSEARCH_ERASER_ROLES"],
      ["preserve-held", "OPENSEARCH_READER_ROLES"],
    ] as const;
    for (const [folder, variable] of granted) {
      expect(told(variable)).toContain(`role/hilo-${name}-${folder}-`);
      expect(roles.some((role) => role.includes(`"hilo-${name}-${folder}-"`))).toBe(true);
    }
    // Who only writes may not read.
    expect(told("OPENSEARCH_REPAIRER_ROLES")).not.toMatch(/index-to|repair-index/);
    expect(told("OPENSEARCH_ERASER_ROLES")).not.toMatch(/index-to|repair-|preserve/);
  });
});

describe("people with the command", () => {
  const arns = ["arn:aws:iam::111122223333:role/a", "arn:aws-cn:iam::111122223333:role/team/b"];
  const told = (environment: Record<string, string>) =>
    at(
      functionOf(synthesise("lean", environment), "lean", "apply-search-templates").properties["Environment"],
      "Variables",
      "OPENSEARCH_OPERATOR_ROLES",
    );

  it("are known to the search domain, which lets in nobody else", () => {
    expect(told({ HILO_OPERATOR_ROLES: arns.join(", ") })).toBe(arns.join(","));
    expect(told({})).toBe("");
  });

  it("are named by roles", () => {
    expect(() => told({ HILO_OPERATOR_ROLES: "ops@example.com" })).toThrow("HILO_OPERATOR_ROLES");
  });
});

describe("sizes", () => {
  const replicas = (stage: typeof lean) => stage.ofType("AWS::ElastiCache::ReplicationGroup")[0]?.properties;
  const domain = (stage: typeof lean) =>
    at(stage.ofType("AWS::OpenSearchService::Domain")[0]?.properties["ClusterConfig"]);

  it("standard survives the loss of a zone", () => {
    expect(replicas(standard)).toMatchObject({ MultiAZEnabled: true, NumCacheClusters: 2 });
    expect(domain(standard)).toMatchObject({ ZoneAwarenessEnabled: true, DedicatedMasterEnabled: true });
  });

  it("lean runs on single small nodes", () => {
    expect(replicas(lean)).toMatchObject({ MultiAZEnabled: false, NumCacheClusters: 1 });
    expect(domain(lean)).toMatchObject({ InstanceCount: 1, InstanceType: "t3.small.search" });
  });
});
