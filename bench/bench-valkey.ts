import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { wipeInstance } from "../local/background.ts";
import { createValkey } from "../local/engines/valkey.ts";
import type { Lifetime } from "../local/lifetime.ts";
import type { Progress } from "../local/progress.ts";
import { instanceConfig, isolatedInstance } from "../test/support/test-instance.ts";

/** A Valkey of the benchmarks' own. */
export interface BenchValkey {
  readonly url: string;
  readonly port: number;
  /** A connection beside those that are measured. */
  readonly admin: Redis;
}

/**
 * Runs work on a Valkey that is started for it on a free port and forgotten after it. It keeps no log on disk, as
 * ElastiCache does not: with the local stage's `appendfsync always` each awaited command would also wait for the disk,
 * which would flatter whoever sends fewer.
 */
export async function withValkey<T>(
  progress: Progress,
  lifetime: Lifetime,
  work: (valkey: BenchValkey) => Promise<T>,
): Promise<T> {
  const config = instanceConfig(await isolatedInstance("bench-valkey"));
  const engine = createValkey(config);
  await engine.install({ config, progress, lifetime });
  wipeInstance(config);
  const running = engine.start();
  const forget = lifetime.guard(running.pid);
  const port = config.ports.redis;
  const admin = new Redis({ host: "127.0.0.1", port, lazyConnect: true });
  try {
    while (!(await engine.ready())) {
      lifetime.signal.throwIfAborted();
      await sleep(50);
    }
    await admin.connect();
    await admin.config("SET", "appendonly", "no");
    await admin.config("SET", "maxmemory", "2gb");
    return await work({ url: `redis://127.0.0.1:${port}`, port, admin });
  } finally {
    admin.disconnect();
    await engine.stop(running);
    forget();
    wipeInstance(config);
  }
}
