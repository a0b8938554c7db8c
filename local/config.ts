import { join, resolve } from "node:path";
import { readPorts, type StagePorts } from "./ports.mjs";

/** Loopback address that every engine listens on; nothing of the stage is reachable from outside. */
export const LOOPBACK = "127.0.0.1";

/** Where one instance of the local stage lives and where it listens. */
export interface LocalConfig {
  /** Folder of the clone. */
  readonly root: string;
  /** Name of the instance, which names its folder; people use `local`, the test runner its own. */
  readonly instance: string;
  /** Engines' programs, shared by all instances and kept by `hilo down --wipe`. */
  readonly toolsFolder: string;
  /** Data, logs and process records of this instance. */
  readonly folder: string;
  readonly ports: StagePorts;
}

/**
 * Reads the configuration of the local stage.
 * Variables: `HILO_INSTANCE` (default `local`), `HILO_AWS_PORT` (4566), `HILO_REDIS_PORT` (6379),
 * `HILO_OPENSEARCH_PORT` (9200; its transport port is 100 above), `HILO_ATHENA_PORT` (4567; `off` leaves Athena and
 * its engine out), `HILO_TRINO_PORT` (8085).
 * @throws Error naming the variable whose value is no port or no name
 */
export function readLocalConfig(environment: NodeJS.ProcessEnv = process.env): LocalConfig {
  const root = resolve(import.meta.dirname, "..");
  const instance = environment["HILO_INSTANCE"] || "local";
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(instance))
    throw new Error("HILO_INSTANCE must be made of a-z, 0-9 and hyphens, at most 31 of them");
  return {
    root,
    instance,
    toolsFolder: join(root, ".hilo", "tools"),
    folder: join(root, ".hilo", "stages", instance),
    ports: readPorts(environment),
  };
}

/** Addresses of an instance's engines, as `hilo status` prints them. */
export const endpointsOf = (ports: StagePorts) => ({
  aws: `http://${LOOPBACK}:${ports.aws}`,
  redis: `redis://${LOOPBACK}:${ports.redis}`,
  opensearch: `http://${LOOPBACK}:${ports.opensearch}`,
  athena: ports.athena === null ? null : `http://${LOOPBACK}:${ports.athena}`,
});
