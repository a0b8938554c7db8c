import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Command } from "commander";
import { createEventPublisher, MAX_BODY_BYTES } from "../../functions/adapters/sqs/event-publisher.ts";
import type { Rejection } from "../../functions/core/contracts/parse-event.ts";
import { utf8Bytes } from "../../functions/core/domain/json.ts";
import type { KeyChain } from "../../functions/core/domain/key-chain.ts";
import type { EventEnvelope } from "../../functions/core/ports/event-publisher.ts";
import { envelopeEvent } from "../../functions/core/use-cases/envelope-event.ts";
import { CommandFailure } from "../failure.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

/** Events held in memory at a time. */
const CHUNK = 500;

interface LineFault extends Pick<Rejection, "code" | "field" | "detail"> {
  readonly line: number;
}

/** Adds `hilo send`, which publishes events to the queue. */
export function addSendCommand(program: Command, defaultStage: string): void {
  program
    .command("send")
    .description("publish events, one JSON object a line: the short event or the full message")
    .option("-f, --file <path>", "file of lines; without it they come from standard input")
    .option("--json", "print the result as JSON")
    .addOption(stageOption(defaultStage))
    .addHelpText(
      "after",
      "\nWhat can never be stored is sent too; the pipeline keeps it in quarantine with the reason.",
    )
    .action(async ({ file, json, stage }: { file?: string; json?: boolean; stage: string }) => {
      const { sent, faults } = await withStage(stage, async (session) => {
        const publisher = createEventPublisher({ client: session.sqs(), queueUrl: session.outputs.queueUrl });
        return sendLines(linesOf(file), await session.keys(), (events) => publisher.publish(events));
      });
      if (json) console.log(JSON.stringify({ sent, quarantined: faults }));
      else {
        console.log(
          `${sent} sent${faults.length > 0 ? `, of which ${faults.length} will be quarantined:` : ""}`,
        );
        for (const { line, field, detail } of faults) console.log(`  line ${line}: ${field} ${detail}`);
      }
    });
}

async function sendLines(
  lines: AsyncIterable<string>,
  keys: KeyChain,
  publish: (events: readonly EventEnvelope[]) => Promise<number>,
): Promise<{ sent: number; faults: LineFault[] }> {
  const faults: LineFault[] = [];
  let chunk: EventEnvelope[] = [];
  let sent = 0;
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    if (utf8Bytes(text) > MAX_BODY_BYTES) {
      throw new CommandFailure(
        `line ${line}: over the queue's 1 MiB; ${sent} of the lines before it were sent. Shorten it and send again: what was sent is not stored twice.`,
      );
    }
    const { envelope, rejection } = envelopeEvent(text, new Date(), keys);
    if (rejection)
      faults.push({ line, code: rejection.code, field: rejection.field, detail: rejection.detail });
    chunk.push(envelope);
    if (chunk.length === CHUNK) {
      sent += await publish(chunk);
      chunk = [];
    }
  }
  return { sent: sent + (await publish(chunk)), faults };
}

async function* linesOf(file: string | undefined): AsyncGenerator<string> {
  const input = file === undefined ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (error instanceof Error && "code" in error && file !== undefined) {
      throw new CommandFailure(
        `${file} cannot be read (${String(error.code)}): give a readable file of JSON lines`,
      );
    }
    throw error;
  }
}
