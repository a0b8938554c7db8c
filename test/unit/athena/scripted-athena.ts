import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { AthenaClient } from "@aws-sdk/client-athena";

/** One answer of a script: a body, or an error of this name. */
export type Answer =
  | { readonly body: object }
  | { readonly error: string; readonly status?: number; readonly message?: string };

/** An Athena that answers what a test tells it to, for the faults that no engine makes on request. */
export interface ScriptedAthena {
  readonly client: AthenaClient;
  /** Names of the operations asked for, in order. */
  readonly asked: string[];
  /** Client tokens of starts, in order. */
  readonly tokens: string[];
  close(): Promise<void>;
}

/** @param script answers of each operation in order; the last one is repeated */
export async function openScriptedAthena(
  script: Readonly<Record<string, readonly Answer[]>>,
): Promise<ScriptedAthena> {
  const asked: string[] = [];
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const operation = String(request.headers["x-amz-target"]).replace("AmazonAthena.", "");
      const answers = script[operation] ?? [{ error: "InvalidRequestException" }];
      const before = asked.filter((name) => name === operation).length;
      const answer = answers[Math.min(before, answers.length - 1)] ?? { body: {} };
      asked.push(operation);
      if (operation === "StartQueryExecution") tokens.push(JSON.parse(body).ClientRequestToken);
      const failed = "error" in answer;
      response.writeHead(failed ? (answer.status ?? 400) : 200, {
        "content-type": "application/x-amz-json-1.1",
      });
      response.end(
        JSON.stringify(failed ? { __type: answer.error, Message: answer.message ?? "" } : answer.body),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const client = new AthenaClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  return {
    client,
    asked,
    tokens,
    async close() {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
