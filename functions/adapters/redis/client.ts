import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { Redis } from "ioredis";
import { systemClock } from "../../core/domain/clock.ts";
import { PermanentError } from "../../core/domain/errors.ts";
import { redisFailure } from "./errors.ts";
import { type Credentials, iamToken } from "./iam-token.ts";

/** A store that does not answer within this is treated as down: the rows answer instead. */
const CONNECT_TIMEOUT_MS = 1_000;
const COMMAND_TIMEOUT_MS = 1_000;

export interface RedisConfig {
  /** `redis://[user:password@]host:port`, or `rediss://` for TLS. */
  readonly url: string;
  /** `iam`: `user`, `cacheName` and `region` sign a short-lived password for each connection. @default "none" */
  readonly auth?: "none" | "iam";
  readonly user?: string;
  /** Name of the ElastiCache replication group. */
  readonly cacheName?: string;
  readonly region?: string;
  /** @default the SDK's provider chain */
  readonly credentials?: Credentials;
}

/** A connection to one Valkey node (or a replication group's primary) that fails fast and says why. */
export class RedisClient extends Redis {
  readonly #password: (() => Promise<string>) | undefined;
  #connecting: Promise<void> | undefined;
  #lastError: Error | undefined;

  constructor(url: URL, user: string | undefined, password: (() => Promise<string>) | undefined) {
    super({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port || 6379),
      ...(url.protocol === "rediss:" && { tls: {} }),
      ...credentialsOf(url),
      ...(user !== undefined && { username: user }),
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      // One reconnection heals a socket that idled out; then commands fail, so nothing piles up while it is down.
      maxRetriesPerRequest: 1,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
      // After a failover the old primary answers READONLY: connect anew.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
      disableClientInfo: true,
    });
    this.#password = password;
    this.on("error", (error: Error) => {
      this.#lastError = error;
    });
    this.on("ready", () => {
      this.#lastError = undefined;
    });
  }

  /** Connects; ioredis calls it for every reconnection too, so each one signs a fresh password. */
  override connect(): Promise<void> {
    this.#connecting ??= this.#connectOnce().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connectOnce(): Promise<void> {
    try {
      if (this.#password) this.options.password = await this.#password();
    } catch {
      const failure = new PermanentError(
        "Valkey: no AWS credentials to sign the connection with: give the function a role, or run `aws configure`",
      );
      this.disconnect();
      throw failure;
    }
    await super.connect();
  }

  /** What a failed call means: TransientError or PermanentError, without ids or texts. */
  failure(error: unknown): Error {
    return redisFailure(error, this.#lastError);
  }
}

/**
 * Opens nothing yet: the first command connects.
 * @throws PermanentError when `iam` lacks what it signs with, or the URL is none
 */
export function createRedisClient(config: RedisConfig): RedisClient {
  const url = URL.parse(config.url);
  if (!url || !/^rediss?:$/.test(url.protocol)) {
    throw new PermanentError("Valkey: the address must be redis://host:port, or rediss:// for TLS");
  }
  if (config.auth !== "iam") return new RedisClient(url, config.user || undefined, undefined);
  const { user, cacheName, region, credentials = defaultProvider() } = config;
  if (!user || !cacheName || !region) {
    throw new PermanentError("Valkey: IAM authentication needs a user, a cache name and a region");
  }
  return new RedisClient(url, user, () =>
    iamToken({ user, cacheName, region, credentials, clock: systemClock }),
  );
}

const credentialsOf = (url: URL): { username?: string; password?: string } => ({
  ...(url.username && { username: decodeURIComponent(url.username) }),
  ...(url.password && { password: decodeURIComponent(url.password) }),
});
