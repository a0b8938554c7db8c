import { DescribeExecutionCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { expect, it } from "vitest";
import { createErasureExecutions } from "../../../functions/adapters/step-functions/erasure-executions.ts";

const ID = "er-20261121T120000-0123456789ab";
const OTHER = "er-20261121T120000-ba9876543210";
const UUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

it("knows what executions work on that an event or the console started under a name of their own", async () => {
  const described: unknown[] = [];
  const client = {
    send: async (command: { readonly input: unknown }) => {
      if (!(command instanceof DescribeExecutionCommand))
        return { executions: [`${OTHER}-3`, UUID].map((name) => ({ name, executionArn: `arn:${name}` })) };
      described.push(command.input.executionArn);
      return { input: JSON.stringify({ request_id: ID }) };
    },
  } as unknown as SFNClient;
  const executions = createErasureExecutions({ client, stateMachineArn: "m" });
  expect(await executions.running()).toEqual(new Set([OTHER, ID]));
  // What its name says needs no question.
  expect(described).toEqual([`arn:${UUID}`]);
});
