import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { Redis, type RedisOptions } from "ioredis";
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

type ConnectionOptions = Pick<RedisOptions, "host" | "port" | "tls" | "username">;

/** One connection to Valkey that is opened when needed, fails fast and says why. */
export interface RedisClient {
  /**
   * Runs commands on an open connection. Where the connection turns out to be lost (a function was frozen, a node
   * failed over), they run once more on a new one: whatever is run here must leave the same when run twice.
   * @throws TransientError | PermanentError naming cause and remedy, without ids or texts
   */
  run<T>(work: (connection: Redis) => Promise<T>): Promise<T>;
  close(): void;
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
  const username = config.user || decodeURIComponent(url.username);
  const options: ConnectionOptions = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 6379),
    ...(url.protocol === "rediss:" && { tls: {} }),
    ...(username && { username }),
  };
  if (config.auth !== "iam") return clientOf(options, async () => decodeURIComponent(url.password));

  const { user, cacheName, region, credentials = defaultProvider() } = config;
  if (!user || !cacheName || !region) {
    throw new PermanentError("Valkey: IAM authentication needs a user, a cache name and a region");
  }
  return clientOf(options, () =>
    iamToken({ user, cacheName, region, credentials, clock: systemClock }).catch(() => {
      throw new PermanentError(
        "Valkey: no AWS credentials to sign the connection with: give the function a role, or run `aws configure`",
      );
    }),
  );
}

/**
 * A client that asks for a password at each connection. ioredis reconnects with the password of its options, which
 * has expired by then, so it does not reconnect here: the next command opens a new connection.
 */
export function clientOf(options: ConnectionOptions, passwordFor: () => Promise<string>): RedisClient {
  let current: Promise<Redis> | undefined;
  let lastError: Error | undefined;

  async function open(): Promise<Redis> {
    const password = await passwordFor();
    const connection = new Redis({
      ...options,
      ...(password && { password }),
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: 100,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      disableClientInfo: true,
      maxRetriesPerRequest: 0,
      retryStrategy: null,
    });
    connection.on("error", (error: Error) => {
      lastError = error;
    });
    await connection.connect().catch((error: unknown) => {
      connection.disconnect();
      throw error;
    });
    lastError = undefined;
    return connection;
  }

  function forget(opening: Promise<Redis>): void {
    if (current === opening) current = undefined;
    opening.then((connection) => connection.disconnect()).catch(() => {});
  }

  async function attempt<T>(work: (connection: Redis) => Promise<T>): Promise<T> {
    const opening = current ?? open();
    current = opening;
    // A connection that could not be opened is tried anew by the next command.
    opening.catch(() => forget(opening));
    try {
      return await work(await opening);
    } catch (error) {
      if (!isAnswer(error)) forget(opening);
      throw error;
    }
  }

  return {
    async run(work) {
      const isReused = current !== undefined;
      try {
        return await attempt(work).catch((error: unknown) => {
          if (isReused && !isAnswer(error) && !isTimeout(error)) return attempt(work);
          throw error;
        });
      } catch (error) {
        throw redisFailure(error, lastError);
      }
    },
    close() {
      if (current) forget(current);
    },
  };
}

/** True where this connection can go on: the server answered. After a failover the old primary answers READONLY. */
const isAnswer = (error: unknown): boolean =>
  error instanceof Error && error.name === "ReplyError" && !error.message.startsWith("READONLY");

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === "Command timed out";
