import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { DescribeTimeToLiveCommand, DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import type { AwsClientOptions } from "./aws-options.ts";

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z
        .object({
          TimeToLiveSpecification: z
            .object({ AttributeName: z.string(), Enabled: z.literal(true) })
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** The part of an assembly's manifest that says which template is which stack. */
const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({ templateFile: z.string().optional(), stackName: z.string().optional() })
        .optional(),
    }),
  ),
});

/** A table of a template whose rows expire. */
export interface ExpiringTable {
  readonly logicalId: string;
  readonly attribute: string;
}

/** Finds the tables of a CloudFormation template that have a time-to-live attribute. */
export function findExpiringTables(text: string): ExpiringTable[] {
  const { Resources } = template.parse(JSON.parse(text));
  return Object.entries(Resources).flatMap(([logicalId, { Type, Properties }]) => {
    const attribute = Properties?.TimeToLiveSpecification?.AttributeName;
    return Type.startsWith("AWS::DynamoDB::") && attribute ? [{ logicalId, attribute }] : [];
  });
}

/**
 * Turns on the time to live that the deployed templates ask for; the emulator's CloudFormation ignores it.
 * @param assembly folder of the CDK's output
 */
export async function enableTimeToLive(assembly: string, aws: AwsClientOptions): Promise<void> {
  const cloudFormation = new CloudFormationClient(aws);
  const dynamoDb = new DynamoDBClient(aws);
  try {
    for (const { stackName, templateFile } of readStacks(assembly)) {
      const tables = findExpiringTables(readFileSync(join(assembly, templateFile), "utf8"));
      if (tables.length === 0) continue;
      const names = await physicalNames(cloudFormation, stackName);
      for (const { logicalId, attribute } of tables) {
        const TableName = names.get(logicalId);
        if (!TableName) throw new Error(`${templateFile} has a table ${logicalId} that is not deployed`);
        const { TimeToLiveDescription } = await dynamoDb.send(new DescribeTimeToLiveCommand({ TableName }));
        // Turning on what is on is an error.
        if (TimeToLiveDescription?.TimeToLiveStatus === "ENABLED") continue;
        const TimeToLiveSpecification = { AttributeName: attribute, Enabled: true };
        await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      }
    }
  } finally {
    cloudFormation.destroy();
    dynamoDb.destroy();
  }
}

function readStacks(assembly: string): { stackName: string; templateFile: string }[] {
  const { artifacts } = manifest.parse(JSON.parse(readFileSync(join(assembly, "manifest.json"), "utf8")));
  return Object.entries(artifacts).flatMap(([id, { type, properties }]) => {
    if (type !== "aws:cloudformation:stack" || !properties?.templateFile) return [];
    return [{ stackName: properties.stackName ?? id, templateFile: properties.templateFile }];
  });
}

async function physicalNames(client: CloudFormationClient, StackName: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    for (const { LogicalResourceId, PhysicalResourceId } of StackResourceSummaries)
      if (LogicalResourceId && PhysicalResourceId) names.set(LogicalResourceId, PhysicalResourceId);
  return names;
}
