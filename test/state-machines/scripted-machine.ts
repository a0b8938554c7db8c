import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateFunctionCommand, DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { z } from "zod";
import type { TestEngines } from "../support/stage.ts";
import { zipOf } from "./zip.ts";

/**
 * What each call does, by function and by the call's input as `JSON.stringify` writes it (`*`: any other): the answers in order,
 * the last one for ever. A text is the name of the error that is thrown.
 */
export type Script = Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;

/** One function in place of all; the emulator runs it as a process of this machine, so that it finds script and journal. */
const CODE = `
import { appendFileSync, readFileSync } from "node:fs";
const { STATE: state, FOLDER: folder } = process.env;
export const handler = async (input) => {
  const line = JSON.stringify({ state, input });
  appendFileSync(folder + "/journal", line + "\\n");
  const attempt = readFileSync(folder + "/journal", "utf8").split("\\n").filter((known) => known === line).length;
  const calls = JSON.parse(readFileSync(folder + "/script", "utf8"))[state] ?? {};
  const answers = calls[JSON.stringify(input)] ?? calls["*"] ?? [{}];
  const answer = answers[Math.min(attempt, answers.length) - 1];
  if (typeof answer === "string") throw Object.assign(new Error("injected"), { name: answer });
  return answer;
};
`;

const call = z.object({ state: z.string(), input: z.unknown() });

/** One run of the machine as seen from outside. */
export interface ScriptedRun {
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly output: unknown;
  /** Every call of every function, in order. */
  readonly calls: readonly z.infer<typeof call>[];
  /** Inputs of the calls of one function. */
  inputsOf(state: string): readonly unknown[];
}

export interface ScriptedMachine {
  run(input: unknown, script: Script): Promise<ScriptedRun>;
  delete(): Promise<void>;
}

/** Deploys a Standard machine with functions that answer as they are told, under names of its own. */
export async function deployScriptedMachine(
  { lambda, stepFunctions }: TestEngines,
  definition: string,
  functions: readonly string[],
): Promise<ScriptedMachine> {
  const name = `scripted-${randomUUID().slice(0, 8)}`;
  const role = "arn:aws:iam::000000000000:role/scripted";
  const folder = mkdtempSync(join(tmpdir(), "hilo-script-"));
  let text = definition;
  for (const state of functions) {
    const { FunctionArn: arn = "" } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: `${name}-${state}`,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: role,
        Timeout: 40,
        Environment: { Variables: { STATE: state, FOLDER: folder } },
        Code: { ZipFile: zipOf("index.mjs", CODE) },
      }),
    );
    text = text.replaceAll(`\${${state}Arn}`, arn);
  }
  const { stateMachineArn } = await stepFunctions.send(
    new CreateStateMachineCommand({ name, type: "STANDARD", roleArn: role, definition: text }),
  );

  return {
    async run(input, script) {
      const journal = join(folder, "journal");
      rmSync(journal, { force: true });
      writeFileSync(join(folder, "script"), JSON.stringify(script));
      const { executionArn } = await stepFunctions.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
      );
      let run = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      for (; run.status === "RUNNING"; await sleep(50))
        run = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      const lines = existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : [];
      const calls = lines.map((line) => call.parse(JSON.parse(line)));
      return {
        status: run.status,
        error: run.error,
        cause: run.cause,
        output: JSON.parse(run.output ?? "null"),
        calls,
        inputsOf: (state) => calls.filter((one) => one.state === state).map((one) => one.input),
      };
    },
    async delete() {
      await stepFunctions.send(new DeleteStateMachineCommand({ stateMachineArn }));
      for (const state of functions)
        await lambda.send(new DeleteFunctionCommand({ FunctionName: `${name}-${state}` }));
      rmSync(folder, { recursive: true });
    },
  };
}
