import { join, resolve } from "node:path";

/** Loopback address that every engine listens on; nothing of the stage is reachable from outside. */
export const LOOPBACK = "127.0.0.1";

/** Ports of one instance of the local stage. */
export interface StagePorts {
  readonly aws: number;
  readonly redis: number;
  readonly opensearch: number;
  /** OpenSearch's node-to-node port, derived from `opensearch`. */
  readonly opensearchTransport: number;
}

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

/** A port, the environment variable that moves it, and what listens there. */
export interface PortUse {
  readonly port: number;
  readonly variable: string;
  readonly engine: string;
}

/**
 * Reads the configuration of the local stage.
 * Variables: `HILO_INSTANCE` (default `local`), `HILO_AWS_PORT` (4566), `HILO_REDIS_PORT` (6379),
 * `HILO_OPENSEARCH_PORT` (9200; its transport port is 100 above).
 * @throws Error naming the variable whose value is no port or no name
 */
export function readLocalConfig(environment: NodeJS.ProcessEnv = process.env): LocalConfig {
  const root = resolve(import.meta.dirname, "..");
  const instance = environment["HILO_INSTANCE"] || "local";
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(instance))
    throw new Error("HILO_INSTANCE must be made of a-z, 0-9 and hyphens, at most 31 of them");
  const opensearch = readPort(environment, "HILO_OPENSEARCH_PORT", 9200);
  return {
    root,
    instance,
    toolsFolder: join(root, ".hilo", "tools"),
    folder: join(root, ".hilo", "stages", instance),
    ports: {
      aws: readPort(environment, "HILO_AWS_PORT", 4566),
      redis: readPort(environment, "HILO_REDIS_PORT", 6379),
      opensearch,
      opensearchTransport: opensearch + 100,
    },
  };
}

/** All ports that an instance needs, each with the variable that moves it. */
export function portUses(ports: StagePorts): readonly PortUse[] {
  return [
    { port: ports.aws, variable: "HILO_AWS_PORT", engine: "ministack" },
    { port: ports.redis, variable: "HILO_REDIS_PORT", engine: "valkey" },
    { port: ports.opensearch, variable: "HILO_OPENSEARCH_PORT", engine: "opensearch" },
    { port: ports.opensearchTransport, variable: "HILO_OPENSEARCH_PORT", engine: "opensearch" },
  ];
}

function readPort(environment: NodeJS.ProcessEnv, name: string, standard: number): number {
  const text = environment[name];
  if (text === undefined || text === "") return standard;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65_435)
    throw new Error(`${name} must be a port between 1024 and 65435`);
  return port;
}
