import { PermanentError, TransientError } from "../../core/domain/errors.ts";

/** Codes with which Valkey refuses who asks, not what is asked. */
const REFUSED_IDENTITY = new Set(["WRONGPASS", "NOAUTH", "NOPERM"]);
/** Codes that pass: failover, loading, memory full for a moment, a slow script. */
const PASSING = new Set([
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "NOREPLICAS",
  "OOM",
  "READONLY",
  "TRYAGAIN",
]);

/**
 * What a failed call to Valkey means for the workflow. Only the code of the reply is kept: its text can
 * repeat arguments, which hold messages.
 * @param connectionError the last error of the connection, which says more than "gave up retrying"
 */
export function redisFailure(
  error: unknown,
  connectionError: Error | undefined,
): TransientError | PermanentError {
  if (error instanceof TransientError || error instanceof PermanentError) return error;
  const reply = replyCode(error) ?? replyCode(connectionError);
  if (reply !== undefined && REFUSED_IDENTITY.has(reply)) {
    return new PermanentError(
      `Valkey: credentials or permission refused (${reply}): check the cache's user, its user group and the role's elasticache:Connect`,
    );
  }
  if (reply !== undefined && !PASSING.has(reply)) {
    return new PermanentError(
      `Valkey: command refused (${reply}): the cache holds another type or version of data; drop its contents and check the engine is Valkey 7.2 or later`,
    );
  }
  if (reply !== undefined) {
    return new TransientError(
      `Valkey: not ready (${reply}): passes by itself; if it lasts, look at failover and memory`,
    );
  }
  const code = networkCode(error) ?? networkCode(connectionError);
  if (code === "ENOTFOUND") {
    return new TransientError(
      "Valkey: host name not found (network): check the cache's endpoint and the VPC's DNS",
    );
  }
  if (code !== undefined && /CERT|TLS|SSL|SELF_SIGNED/.test(code)) {
    return new PermanentError(
      `Valkey: TLS failed (${code}): use rediss:// for an encrypted cache and a host name its certificate covers`,
    );
  }
  return new TransientError(
    `Valkey: no answer (network, ${code ?? "timeout"}): check that it runs, the endpoint and the security group`,
  );
}

function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  return /^[A-Z]{2,20}(?= |$)/.exec(error.message)?.[0] ?? "unknown";
}

function networkCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{3,60}$/.test(code) ? code : undefined;
}
