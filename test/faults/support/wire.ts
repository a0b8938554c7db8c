/** What a link can say of the bytes a client sends. */
export interface Wire {
  /** The command that a request begins with, such as `TransactWriteItems`; nothing where no request begins here. */
  nameOf(chunk: Buffer): string | undefined;
  /** Bytes that the whole request has, where its beginning says so. */
  lengthOf(chunk: Buffer): number;
}

const REQUEST_LINE = /^(GET|PUT|POST|HEAD|DELETE) (\S+) HTTP\/1\.1\r\n/;

/** HTTP as AWS's and OpenSearch's clients speak it: one request at a time, its length given. */
export const httpWire: Wire = {
  nameOf(chunk) {
    const head = headOf(chunk);
    const [, method, path = ""] = REQUEST_LINE.exec(head) ?? [];
    if (method === undefined) return undefined;
    const target = /\r\nx-amz-target: *\S*?\.?(\w+)\r\n/i.exec(head)?.[1];
    return target ?? `${method} ${path.split("?")[0]}`;
  },
  lengthOf(chunk) {
    const head = headOf(chunk);
    const body = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    return Buffer.byteLength(head, "latin1") + body;
  },
};

/** Redis' protocol: the name is that of the first command of a pipeline. */
export const redisWire: Wire = {
  nameOf: (chunk) => /^\*\d+\r\n\$\d+\r\n(\w+)\r\n/.exec(chunk.toString("latin1", 0, 64))?.[1]?.toUpperCase(),
  lengthOf: (chunk) => chunk.length,
};

/** Everything up to the empty line; the whole chunk where that has not come yet. */
function headOf(chunk: Buffer): string {
  const end = chunk.indexOf("\r\n\r\n");
  return chunk.toString("latin1", 0, end < 0 ? chunk.length : end + 4);
}

/** A refusal as an AWS service with a JSON protocol writes it. */
export function awsRefusal(code: string, status = 400): string {
  const body = JSON.stringify({ __type: code, message: "injected" });
  return [
    `HTTP/1.1 ${status} Injected`,
    "content-type: application/x-amz-json-1.0",
    `x-amzn-errortype: ${code}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
