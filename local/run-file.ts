import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LocalConfig } from "./config.ts";
import { writeStamp } from "./engines/stamp.ts";
import type { StagePorts } from "./ports.mjs";
import { findProcess, isRunning } from "./processes.ts";

const runFile = z.object({
  /** The process that started the engines and will stop them. */
  supervisor: z.number().int(),
  /** The supervisor's command line, so that a recycled process id is not taken for it. */
  command: z.string(),
  /** `ready` once everything is deployed; `engines` where that was not wanted. */
  phase: z.enum(["starting", "engines", "ready", "stopping"]),
  engines: z.record(z.string(), z.number().int()),
  ports: z.object({
    aws: z.number().int(),
    redis: z.number().int(),
    opensearch: z.number().int(),
    opensearchTransport: z.number().int(),
    athena: z.number().int().nullable(),
    trino: z.number().int().nullable(),
  }),
});

/** What a running instance says about itself, in its folder. */
export type RunFile = z.infer<typeof runFile>;

/** Reads the record of a running instance; nothing when it does not run, or its starter was killed. */
export function readRunFile(config: LocalConfig): RunFile | undefined {
  const path = runFilePath(config);
  if (!existsSync(path)) return undefined;
  const parsed = runFile.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!parsed.success || !isRunning(parsed.data.supervisor)) return undefined;
  return findProcess(parsed.data.supervisor)?.command === parsed.data.command ? parsed.data : undefined;
}

/** Writes the record whole, with this process as supervisor. */
export function writeRunFile(config: LocalConfig, content: Omit<RunFile, "supervisor" | "command">): void {
  const command = findProcess(process.pid)?.command ?? "";
  writeStamp(runFilePath(config), `${JSON.stringify({ supervisor: process.pid, command, ...content })}\n`);
}

/** Removes the record: nothing runs any more. */
export function removeRunFile(config: LocalConfig): void {
  rmSync(runFilePath(config), { force: true });
}

/** The ports that the running instance uses, else those that it would use. */
export function currentPorts(config: LocalConfig): StagePorts {
  return readRunFile(config)?.ports ?? config.ports;
}

function runFilePath(config: LocalConfig): string {
  return join(config.folder, "run.json");
}
