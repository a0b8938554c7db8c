import { existsSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { type LocalConfig, readLocalConfig } from "../../local/config.ts";
import { findStageProcesses, type SeenProcess } from "../../local/processes.ts";

/** Environment variables that make every program of the clone work on one instance of the stage. */
export type InstanceEnvironment = Readonly<
  Record<
    | "HILO_INSTANCE"
    | "HILO_AWS_PORT"
    | "HILO_REDIS_PORT"
    | "HILO_OPENSEARCH_PORT"
    | "HILO_ATHENA_PORT"
    | "HILO_TRINO_PORT",
    string
  >
>;

/**
 * An instance of its own, on ports that are free now.
 * @param options.athena whether it has Athena, whose engine takes ten seconds of a processor to start; default: no
 */
export async function isolatedInstance(
  name: string,
  { athena = false }: { readonly athena?: boolean } = {},
): Promise<InstanceEnvironment> {
  const held = await hold(4);
  // Drawn while the others are held: it, or the one 100 above, could else be one of them.
  const search = await freeSearchPort();
  const [aws, redis, athenaPort, trino] = await release(held);
  return {
    HILO_INSTANCE: name,
    HILO_AWS_PORT: String(aws),
    HILO_REDIS_PORT: String(redis),
    HILO_OPENSEARCH_PORT: String(search),
    HILO_ATHENA_PORT: athena ? String(athenaPort) : "off",
    HILO_TRINO_PORT: String(trino),
  };
}

/** The configuration of an instance. */
export function instanceConfig(environment: InstanceEnvironment): LocalConfig {
  return readLocalConfig({ ...environment });
}

/** Everything that runs of this clone's test instances (`test`, `test-…`). */
export function findTestProcesses(): SeenProcess[] {
  const stages = join(readLocalConfig({}).root, ".hilo", "stages");
  if (!existsSync(stages)) return [];
  return readdirSync(stages)
    .filter((name) => name === "test" || name.startsWith("test-"))
    .flatMap((name) => findStageProcesses(readLocalConfig({ HILO_INSTANCE: name }).folder));
}

/** Listens on ports given by the system, all different. */
const hold = (count: number): Promise<Server[]> =>
  Promise.all(Array.from({ length: count }, () => listen(0)));

/** Frees ports again. @returns which they were */
async function release(servers: readonly Server[]): Promise<number[]> {
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A free port whose transport port, 100 above, is free too. */
async function freeSearchPort(): Promise<number> {
  for (;;) {
    const [port = 0] = await release(await hold(1));
    if (port > 65_000) continue;
    try {
      const server = await listen(port + 100);
      await new Promise((resolve) => server.close(resolve));
      return port;
    } catch {
      // Taken: another pair.
    }
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, () => resolve(server));
  });
}
