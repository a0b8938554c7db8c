import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { InvalidRequest } from "./errors.ts";
import type { Operation } from "./operations.ts";

const JSON_1_1 = "application/x-amz-json-1.1";
/** Larger than any request of the API. */
const MAX_BYTES = 1_048_576;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Serves Athena's API (JSON 1.1). What it does not answer itself goes on to the emulator: workgroups, named
 * queries, tags.
 */
export function createAthenaServer(operations: ReadonlyMap<string, Operation>, emulatorUrl: string): Server {
  return createServer((request, response) => {
    void answer(request, operations, emulatorUrl)
      .catch(refusal)
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": JSON_1_1 }).end(body);
      });
  });
}

async function answer(
  request: IncomingMessage,
  operations: ReadonlyMap<string, Operation>,
  emulatorUrl: string,
): Promise<Answer> {
  if (request.method === "GET") return { status: 200, body: "{}" };
  if (Number(request.headers["content-length"] ?? 0) > MAX_BYTES)
    throw new InvalidRequest("Request too large");
  const target = String(request.headers["x-amz-target"] ?? "");
  const body = await text(request);
  const operation = operations.get(target.replace("AmazonAthena.", ""));
  if (!operation) return forward(request, body, emulatorUrl);
  return { status: 200, body: JSON.stringify(await operation(JSON.parse(body || "{}"))) };
}

async function forward(request: IncomingMessage, body: string, emulatorUrl: string): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const name of ["content-type", "x-amz-target", "authorization", "x-amz-date"])
    if (typeof request.headers[name] === "string") headers[name] = request.headers[name];
  const response = await fetch(emulatorUrl, { method: "POST", headers, body });
  return { status: response.status, body: await response.text() };
}

function refusal(error: unknown): Answer {
  if (error instanceof InvalidRequest)
    return {
      status: 400,
      body: JSON.stringify({
        __type: "InvalidRequestException",
        AthenaErrorCode: "INVALID_INPUT",
        Message: error.message,
      }),
    };
  console.error(error);
  const Message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: JSON.stringify({ __type: "InternalServerException", Message }) };
}
