import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateFunctionCommand, DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  StartSyncExecutionCommand,
} from "@aws-sdk/client-sfn";
import { z } from "zod";
import type { TestEngines } from "../support/stage.ts";
import { TASKS, type TaskName } from "./definition.ts";
import { zipOf } from "./zip.ts";

/**
 * What each attempt of a state does, in order; attempts past the list succeed. `hang` takes five seconds, any
 * other word is the name of the error that is thrown.
 */
type Faults = Partial<Record<TaskName, readonly ("ok" | "hang" | (string & {}))[]>>;

/**
 * One function in place of all four. It writes each attempt to a journal (the emulator runs it as a process of this
 * machine) and answers with more than the workflow should keep.
 */
const CODE = `
import { appendFileSync, readFileSync } from "node:fs";
const state = process.env.STATE;
export const handler = async (event) => {
  const { journal, faults } = event.messages[0];
  appendFileSync(journal, JSON.stringify({ state, input: Object.keys(event).sort(), stored: event.stored }) + "\\n");
  const attempt = readFileSync(journal, "utf8").split("\\n").filter((line) => line.includes('"' + state + '"')).length;
  const fault = (faults[state] ?? [])[attempt - 1] ?? "ok";
  if (fault === "hang") await new Promise((resolve) => setTimeout(resolve, 5_000));
  if (fault !== "ok") throw Object.assign(new Error("injected"), { name: fault });
  return { outcomes: event.messages.map(({ id }) => ({ id, state })), text: "must not be kept" };
};
`;

const entry = z.object({
  state: z.enum(TASKS),
  input: z.array(z.string()),
  stored: z.array(z.unknown()).optional(),
});

/** One run of the machine as seen from outside. */
interface Run {
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly output: Readonly<Record<string, unknown>>;
  /** Every attempt of every state, in order. */
  readonly attempts: readonly z.infer<typeof entry>[];
  attemptsOf(state: TaskName): number;
}

export interface FaultMachine {
  run(faults: Faults, shouldAnalyze?: boolean): Promise<Run>;
  delete(): Promise<void>;
}

/** Two messages: outcomes are lists, in the order of the messages. */
export const MESSAGE_IDS = ["m-1", "m-2"];

/** Deploys a definition with functions that fail as they are told, under names of its own. */
export async function deployFaultMachine(engines: TestEngines, definition: string): Promise<FaultMachine> {
  const { lambda, stepFunctions } = engines;
  const name = `faults-${randomUUID().slice(0, 8)}`;
  const role = "arn:aws:iam::000000000000:role/faults";
  const folder = mkdtempSync(join(tmpdir(), "hilo-faults-"));
  const functionName = (state: TaskName): string => `${name}-${state}`;
  let text = definition;
  for (const state of TASKS) {
    const { FunctionArn: arn = "" } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: functionName(state),
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: role,
        Timeout: 40,
        Environment: { Variables: { STATE: state } },
        Code: { ZipFile: zipOf("index.mjs", CODE) },
      }),
    );
    text = text.replaceAll(`\${${state}Arn}`, arn);
  }
  const { stateMachineArn } = await stepFunctions.send(
    new CreateStateMachineCommand({ name, type: "EXPRESS", roleArn: role, definition: text }),
  );

  return {
    async run(faults, shouldAnalyze = true) {
      const journal = join(folder, `${randomUUID()}.jsonl`);
      const messages = MESSAGE_IDS.map((id) => ({ id, journal, faults, text: "secret" }));
      const { status, error, output } = await stepFunctions.send(
        new StartSyncExecutionCommand({
          stateMachineArn,
          input: JSON.stringify({ messages, shouldAnalyze }),
        }),
      );
      const lines = readFileSync(journal, "utf8").trim().split("\n");
      const attempts = lines.map((line) => entry.parse(JSON.parse(line)));
      return {
        status,
        error,
        output: z.record(z.string(), z.unknown()).parse(JSON.parse(output ?? "{}")),
        attempts,
        attemptsOf: (state) => attempts.filter((attempt) => attempt.state === state).length,
      };
    },
    async delete() {
      await stepFunctions.send(new DeleteStateMachineCommand({ stateMachineArn }));
      for (const state of TASKS) {
        await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName(state) }));
      }
      rmSync(folder, { recursive: true });
    },
  };
}
