import {
  type BatchExecuteStatementCommandInput,
  type BatchExecuteStatementCommandOutput,
  DynamoDBClient,
  TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { TestEngines } from "../../support/stage.ts";

/** What happens to a call: `before` it reaches the engine, or `after` (it was done, the answer is lost). */
export interface Fault {
  readonly command: string;
  readonly moment: "before" | "after";
  readonly error: Error;
}

/** An error as the SDK throws it. */
export const namedError = (name: string, httpStatusCode = 400): Error =>
  Object.assign(new Error("the item of whatsapp:+34600000001 says CANARIO"), {
    name,
    $metadata: { httpStatusCode },
  });

/** A cancelled transaction; the code stands at the first action, where the others gave no reason. */
export const cancelled = (code: string): TransactionCanceledException =>
  new TransactionCanceledException({
    message: "Transaction cancelled",
    $metadata: {},
    CancellationReasons: [{ Code: code }, { Code: "None" }],
  });

/** A client whose calls meet the faults, each once and in order; `calls` are the commands it sent. */
export function faultyClient(engines: TestEngines, faults: Fault[]) {
  const client = new DynamoDBClient(engines.aws);
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = context.commandName ?? "";
      calls.push(command);
      const index = faults.findIndex((fault) => fault.command === command);
      const [fault] = index < 0 ? [] : faults.splice(index, 1);
      if (fault?.moment === "before") throw fault.error;
      const result = await next(args);
      if (fault) throw fault.error;
      return result;
    },
    { step: "initialize", name: "faults" },
  );
  return { client: documentsOf(client), calls };
}

/** A client that lets something else happen, once, between its first reading and whatever follows. */
export function overtakenClient(engines: TestEngines, meanwhile: () => Promise<unknown>) {
  const client = new DynamoDBClient(engines.aws);
  let isOvertaken = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context.commandName === "BatchGetItemCommand" && !isOvertaken) {
        isOvertaken = true;
        await meanwhile();
      }
      return result;
    },
    { step: "initialize", name: "overtaken" },
  );
  return documentsOf(client);
}

/** A client to which the first statement of each of so many calls is refused with a code, and the rest is done. */
export function refusedStatements(engines: TestEngines, codes: string[]) {
  const client = new DynamoDBClient(engines.aws);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const code = context.commandName === "BatchExecuteStatementCommand" ? codes.shift() : undefined;
      if (code === undefined) return next(args);
      const { Statements: [, ...others] = [] } = args.input as BatchExecuteStatementCommandInput;
      const refused = { Error: { Code: code, Message: "the item of whatsapp:+34600000001" } };
      if (others.length === 0) return { output: { $metadata: {}, Responses: [refused] }, response: {} };
      const result = await next({ ...args, input: { ...args.input, Statements: others } });
      const { Responses: done = [] } = result.output as BatchExecuteStatementCommandOutput;
      Object.assign(result.output, { Responses: [refused, ...done] });
      return result;
    },
    { step: "initialize", name: "refused-statements" },
  );
  return documentsOf(client);
}

interface BatchGetInput {
  RequestItems: Record<string, { Keys: unknown[] }>;
}

/** A client to which BatchGetItem serves one key a table and leaves the others unprocessed. */
export function throttledClient(engines: TestEngines) {
  const client = new DynamoDBClient(engines.aws);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== "BatchGetItemCommand") return next(args);
      const { RequestItems: requested } = args.input as BatchGetInput;
      const part = (from: number, to?: number) =>
        Object.fromEntries(
          Object.entries(requested)
            .map(([table, request]) => [table, { ...request, Keys: request.Keys.slice(from, to) }] as const)
            .filter(([, { Keys }]) => Keys.length > 0),
        );
      const result = await next({ ...args, input: { ...args.input, RequestItems: part(0, 1) } });
      Object.assign(result.output, { UnprocessedKeys: part(1) });
      return result;
    },
    { step: "initialize", name: "unprocessed" },
  );
  return documentsOf(client);
}

/** A client to which BatchWriteItem does one write a table and leaves the others unprocessed. */
export function throttledWrites(engines: TestEngines) {
  const client = new DynamoDBClient(engines.aws);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== "BatchWriteItemCommand") return next(args);
      const { RequestItems: requested } = args.input as { RequestItems: Record<string, unknown[]> };
      const part = (from: number, to?: number) =>
        Object.fromEntries(
          Object.entries(requested)
            .map(([table, writes]) => [table, writes.slice(from, to)] as const)
            .filter(([, writes]) => writes.length > 0),
        );
      const result = await next({ ...args, input: { ...args.input, RequestItems: part(0, 1) } });
      Object.assign(result.output, { UnprocessedItems: part(1) });
      return result;
    },
    { step: "initialize", name: "unprocessed-writes" },
  );
  return documentsOf(client);
}

const documentsOf = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
