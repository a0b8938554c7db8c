import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { SeenRequest } from "./aws-call.ts";

/** A request and the answer it got. */
export interface SeenCall extends SeenRequest {
  readonly status: number;
  readonly answer: string;
}

export interface ProxyOptions {
  /** `http://host:port` that everything goes to. */
  readonly target: string;
  /** Changes the body that is sent on. */
  readonly rewrite?: (request: SeenRequest) => string | undefined;
  /** Told of each call once its answer is there, before the caller has it. */
  readonly onCall: (call: SeenCall) => void;
}

export interface MeteringProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** An HTTP proxy on loopback that sees each request and answer whole. */
export async function openProxy(options: ProxyOptions): Promise<MeteringProxy> {
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing, options).catch((error: unknown) => {
      outgoing.writeHead(502).end(error instanceof Error ? error.message : "the proxy failed");
    });
  });
  // Callers keep connections longer than the five seconds that a server does by itself.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, rewrite, onCall }: ProxyOptions,
): Promise<void> {
  const bytes = await read(incoming);
  const seen: SeenRequest = {
    method: incoming.method ?? "GET",
    url: incoming.url ?? "/",
    headers: incoming.headers,
    body: bytes.toString(),
  };
  const rewritten = rewrite?.(seen);
  const sent = rewritten === undefined ? bytes : Buffer.from(rewritten);
  const { host: _, ...headers } = incoming.headers;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${target}${seen.url}`, {
      method: seen.method,
      headers: { ...headers, ...(rewritten !== undefined && { "content-length": sent.length }) },
    })
      .once("response", resolve)
      .once("error", reject)
      .end(sent);
  });
  const content = await read(answer);
  const status = answer.statusCode ?? 502;
  onCall({ ...seen, status, answer: content.toString() });
  // The answer is whole: how it was cut up on its way does not matter any more.
  const { "transfer-encoding": _cut, ...answered } = answer.headers;
  outgoing.writeHead(status, { ...answered, "content-length": content.length }).end(content);
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
