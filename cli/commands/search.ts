import type { Command } from "commander";
import { createMessageSearch } from "../../functions/adapters/opensearch/message-search.ts";
import type { SearchHit } from "../../functions/core/ports/message-index.ts";
import { parseLimit } from "../limit.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface SearchOptions {
  readonly user?: string;
  readonly limit: number;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo search`, full-text search over all conversations. */
export function addSearchCommand(program: Command, defaultStage: string): void {
  program
    .command("search")
    .description("search the messages' text, best match first")
    .argument("<text>", "words to find, in Spanish or English")
    .option("-u, --user <id>", "only this person's messages")
    .option("-n, --limit <n>", "how many hits, 1 to 100", parseLimit(100), 10)
    .option("--json", "print the hits as JSON")
    .addOption(stageOption(defaultStage))
    .action(async (text: string, { user, limit, json, stage }: SearchOptions) => {
      const found = await withStage(stage, (session) =>
        createMessageSearch(session.search()).search({
          text,
          limit,
          ...(user !== undefined && { user_id: user }),
        }),
      );
      console.log(
        json ? JSON.stringify(found) : [...found.hits.map(formatHit), `${found.total} found`].join("\n"),
      );
    });
}

/** One line: time, role and the matching words, emphasised on a terminal. */
export function formatHit({ timestamp, role, highlight }: SearchHit): string {
  const [start, end] = process.stdout.isTTY ? ["\u001b[1m", "\u001b[22m"] : ["«", "»"];
  const text = highlight.join(" … ").replaceAll("<em>", start).replaceAll("</em>", end);
  return `${timestamp.slice(0, 19).replace("T", " ")}  ${role.padEnd(9)}  ${text}`;
}
