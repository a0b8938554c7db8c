import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Clock } from "../../core/domain/clock.ts";

/** Longest validity ElastiCache accepts, in seconds. */
const TOKEN_SECONDS = 900;

/** Temporary or lasting AWS credentials, or what fetches them. */
export type Credentials = ConstructorParameters<typeof SignatureV4>[0]["credentials"];

export interface IamTokenOptions {
  /** ElastiCache user whose authentication mode is IAM; its id and name are the same text. */
  readonly user: string;
  /** Name of the replication group. */
  readonly cacheName: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

/**
 * A password for ElastiCache: a presigned request without its scheme, valid for 15 minutes. Signed here,
 * without a network call, so a function in a VPC without NAT can connect.
 */
export async function iamToken(options: IamTokenOptions): Promise<string> {
  const host = options.cacheName.toLowerCase();
  const signer = new SignatureV4({
    service: "elasticache",
    region: options.region,
    credentials: options.credentials,
    sha256: Sha256,
  });
  const request = new HttpRequest({
    method: "GET",
    protocol: "http:",
    hostname: host,
    path: "/",
    headers: { host },
    query: { Action: "connect", User: options.user },
  });
  const signed = await signer.presign(request, {
    expiresIn: TOKEN_SECONDS,
    signingDate: options.clock(),
  });
  const query = Object.entries(signed.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&");
  return `${host}/?${query}`;
}
