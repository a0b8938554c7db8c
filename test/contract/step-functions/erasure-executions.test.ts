import { randomBytes } from "node:crypto";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createErasureExecutions } from "../../../functions/adapters/step-functions/erasure-executions.ts";
import { openEngines } from "../../support/stage.ts";

const engines = await openEngines();
const client = engines.stepFunctions;
let stateMachineArn = "";

beforeAll(async () => {
  const definition = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 600, End: true } } };
  const machine = await client.send(
    new CreateStateMachineCommand({
      name: `erasure-executions-${randomBytes(4).toString("hex")}`,
      roleArn: "arn:aws:iam::000000000000:role/test",
      definition: JSON.stringify(definition),
    }),
  );
  stateMachineArn = machine.stateMachineArn ?? "";
});

afterAll(async () => {
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  await engines.close();
});

const requestId = (): string => `er-20261121T120000-${randomBytes(6).toString("hex")}`;

describe("executions of user-erasure", () => {
  it("start under the request's id, run until they end, and start once", async () => {
    const executions = createErasureExecutions({ client, stateMachineArn });
    const ids = [requestId(), requestId(), requestId()];
    for (const [index, request_id] of ids.entries()) {
      await executions.start({ request_id, recheck: true }, index + 1);
      await executions.start({ request_id }, index + 1);
    }
    const arnOf = (id: string, attempt: number): string =>
      `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${id}-${attempt}`;
    const executionArn = arnOf(ids[0] ?? "", 1);
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(JSON.parse(described.input ?? "")).toEqual({ request_id: ids[0], recheck: true });
    expect(await executions.running()).toEqual(new Set(ids));
    await client.send(new StopExecutionCommand({ executionArn }));
    expect(await executions.running()).toEqual(new Set(ids.slice(1)));
    for (const [index, id] of ids.entries())
      if (index > 0) await client.send(new StopExecutionCommand({ executionArn: arnOf(id, index + 1) }));
  });

  it("say that there is no such machine", async () => {
    const missing = createErasureExecutions({ client, stateMachineArn: `${stateMachineArn}-not` });
    await expect(missing.start({ request_id: requestId() }, 1)).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(/^Step Functions StartExecution on user-erasure: /),
    });
  });
});
