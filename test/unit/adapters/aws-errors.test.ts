import { createServer } from "node:http";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { awsError } from "../../../functions/adapters/aws-errors.ts";
import { PermanentError, TransientError } from "../../../functions/core/domain/errors.ts";

const call = { store: "DynamoDB", operation: "ListTables", resource: "hilo-test" };
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** The domain's error for what a real client throws. */
async function errorOf(config: ConstructorParameters<typeof DynamoDBClient>[0]): Promise<Error> {
  const client = new DynamoDBClient({ maxAttempts: 1, ...config });
  try {
    await client.send(new ListTablesCommand({}));
  } catch (error) {
    return awsError(error, call);
  } finally {
    client.destroy();
  }
  throw new Error("the call succeeded");
}

/** A port that answers every request with this status and error, or never. */
async function withServer<T>(answer: string | undefined, work: (endpoint: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => {
    if (answer !== undefined) {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: answer, message: "whatsapp:+34600000001 says CANARIO" }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("awsError", () => {
  it("names a refused port as unreachable, to be tried again", async () => {
    const error = await errorOf({ region: "us-east-1", credentials, endpoint: "http://127.0.0.1:9" });
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toMatch(
      /^DynamoDB ListTables on hilo-test: unreachable: check .*AWS_ENDPOINT_URL.*ECONNREFUSED/,
    );
  });

  it("names a name that does not resolve", async () => {
    const error = await errorOf({
      region: "us-east-1",
      credentials,
      endpoint: "http://no-such-host.invalid",
    });
    expect(error.message).toContain("unreachable");
  });

  it("names a store that does not answer in time", async () => {
    const error = await withServer(undefined, (endpoint) =>
      errorOf({
        region: "us-east-1",
        credentials,
        endpoint,
        requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true },
      }),
    );
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain("unreachable");
  });

  it("names missing credentials", async () => {
    const noCredentials = () =>
      Promise.reject(Object.assign(new Error("none"), { name: "CredentialsProviderError" }));
    const error = await errorOf({ region: "us-east-1", credentials: noCredentials });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain("set AWS_PROFILE");
  });

  it("names a missing region", async () => {
    const error = await errorOf({
      credentials,
      region: (): Promise<string> => Promise.reject(new Error("Region is missing")),
    });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain("set AWS_REGION");
  });

  it.each([
    ["ExpiredTokenException", PermanentError, "credentials"],
    ["AccessDeniedException", PermanentError, "permission"],
    ["ResourceNotFoundException", PermanentError, "does not exist"],
    ["ProvisionedThroughputExceededException", TransientError, "throttled"],
    ["ValidationException", PermanentError, "rejected"],
  ])("names %s as the service answers it, never quoting its message", async (type, kind, cause) => {
    const error = await withServer(`com.amazonaws.dynamodb.v20120810#${type}`, (endpoint) =>
      errorOf({ region: "us-east-1", credentials, endpoint }),
    );
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(cause);
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/CANARIO|whatsapp/);
  });

  it("lets the domain's own errors through", () => {
    const own = new PermanentError("DynamoDB: restore the ledger");
    expect(awsError(own, call)).toBe(own);
  });
});
