// The ports of the local stage: which ones, whether they are free, who holds them. Plain JavaScript without packages,
// like preflight.mjs. Types for TypeScript's side: ports.d.mts.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** What listens, the variable that moves it, and the port where nothing is said. */
const ENGINES = [
  { key: "aws", engine: "ministack", variable: "HILO_AWS_PORT", standard: 4566 },
  { key: "redis", engine: "valkey", variable: "HILO_REDIS_PORT", standard: 6379 },
  { key: "opensearch", engine: "opensearch", variable: "HILO_OPENSEARCH_PORT", standard: 9200 },
  { key: "athena", engine: "athena", variable: "HILO_ATHENA_PORT", standard: 4567, optional: true },
  { key: "trino", engine: "trino", variable: "HILO_TRINO_PORT", standard: 8085 },
];
/** OpenSearch's node-to-node port lies this far above its HTTP port. */
const TRANSPORT_OFFSET = 100;

/** Ports from 1024 on that fetch refuses to open, see https://fetch.spec.whatwg.org/#port-blocking. */
const BLOCKED = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/** Value of an optional engine's variable that leaves it out. */
const OFF = "off";

/**
 * Reads the ports from environment variables; the error names the variable whose value is none.
 * `HILO_ATHENA_PORT=off` leaves out Athena with its engine, Trino: both ports are then null.
 */
export function readPorts(environment) {
  const ports = Object.fromEntries(
    ENGINES.map(({ key, variable, standard, optional }) => {
      const given = environment[variable] || standard;
      if (optional && given === OFF) return [key, null];
      const port = Number(given);
      if (BLOCKED.has(port))
        throw new Error(`${variable} is ${port}, which HTTP clients refuse: take another`);
      if (Number.isInteger(port) && port >= 1024 && port <= 65_535 - TRANSPORT_OFFSET) return [key, port];
      const choice = `a port between 1024 and ${65_535 - TRANSPORT_OFFSET}`;
      throw new Error(`${variable} must be ${choice}${optional ? `, or ${OFF}` : ""}`);
    }),
  );
  const trino = ports.athena === null ? null : ports.trino;
  return { ...ports, trino, opensearchTransport: ports.opensearch + TRANSPORT_OFFSET };
}

/** All ports that an instance listens on, each with its engine and the variable that moves it. */
export function portUses(ports) {
  const uses = ENGINES.map(({ key, engine, variable }) => ({ port: ports[key], engine, variable }));
  const transport = { ...uses[2], port: ports.opensearchTransport };
  return [...uses, transport].filter(({ port }) => port !== null);
}

/** Whether something listens on a port of loopback. */
export function isPortTaken(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.code === "EADDRINUSE"));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}

/** The process that listens on a port, where this user may see it. */
export function findPortHolder(port) {
  return process.platform === "linux" ? holderFromProc(port) : holderFromLsof(port);
}

/** Says that a port is taken, by whom, and what to do. */
export function takenPortProblem({ port, variable, engine }, holder) {
  const by = holder ? `process ${holder.pid} (${holder.command.slice(0, 80)})` : "another program";
  return `Port ${port} for ${engine} is taken by ${by}: stop that, or choose another port with ${variable}`;
}

/** One line for each port that is taken. */
export async function findPortProblems(uses) {
  const problems = await Promise.all(
    uses.map(async (use) =>
      (await isPortTaken(use.port)) ? takenPortProblem(use, findPortHolder(use.port)) : undefined,
    ),
  );
  return problems.filter((problem) => problem !== undefined);
}

/** Inodes of the sockets that listen on a port, from the text of /proc/net/tcp or tcp6. */
export function parseListeners(table, port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === "0A")
    .map((fields) => fields[9]);
}

function holderFromProc(port) {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
      try {
        return parseListeners(readFileSync(file, "utf8"), port);
      } catch {
        return [];
      }
    }),
  );
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => {
        const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
        return inode !== undefined && inodes.has(inode);
      });
      if (!holds) continue;
      return {
        pid: Number(pid),
        command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
      };
    } catch {
      // The process ended, or belongs to another user.
    }
  }
  return undefined;
}

function holderFromLsof(port) {
  const { stdout } = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], {
    encoding: "utf8",
  });
  const [, pid, command] = /^p(\d+)\n(?:f.*\n)?c(.*)$/m.exec(stdout ?? "") ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), command };
}
