import type { IncomingHttpHeaders } from "node:http";

/** A request as it passes by. */
export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Prefixes of `x-amz-target`, and the services they belong to. */
const TARGETS: Readonly<Record<string, string>> = {
  AWSStepFunctions: "states",
  AmazonSQS: "sqs",
  DynamoDB_20120810: "dynamodb",
  Logs_20140328: "logs",
  secretsmanager: "secretsmanager",
};

/** Which action of which service a request to the emulator's one address is, as `<service> <action>`. */
export function awsCallOf({ method, url, headers, body }: SeenRequest): string {
  const [target, action = ""] = String(headers["x-amz-target"] ?? "").split(".");
  if (target && action) return `${TARGETS[target] ?? target.toLowerCase()} ${action}`;
  const [path = "", query = ""] = url.split("?");
  if (/^\/2015-03-31\/functions\/[^/]+\/invocations$/.test(path)) return "lambda Invoke";
  const form = new URLSearchParams(body.startsWith("Action=") ? body : "").get("Action");
  if (form) return `${signedService(headers) ?? "query"} ${form}`;
  return `${signedService(headers) ?? "s3"} ${method === "POST" && query ? `POST ?${query.split("=")[0]}` : method}`;
}

/** The service that a request was signed for. */
const signedService = (headers: IncomingHttpHeaders): string | undefined =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization ?? ""))?.[1];

/** An OpenSearch request by what it does: `opensearch _bulk`. */
export const searchCallOf = ({ method, url }: SeenRequest): string =>
  `opensearch ${/\/(_\w+)(?=[/?]|$)/.exec(url)?.[1] ?? method}`;
