import type { Command } from "commander";
import type { RecentContext } from "../../functions/core/use-cases/read-context.ts";
import { invokeFunction } from "../invoke-function.ts";
import { parseLimit } from "../limit.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

/** Adds `hilo context`, which shows a person's recent messages. */
export function addContextCommand(program: Command, defaultStage: string): void {
  program
    .command("context")
    .description("show a person's recent messages, newest last: from the cache, else from the rows")
    .argument("<user>", "user id with its channel, such as whatsapp:+1234567890")
    .option("-n, --limit <n>", "how many messages, 1 to 1000", parseLimit(1000), 20)
    .option("--json", "print the messages as JSON, newest first")
    .addOption(stageOption(defaultStage))
    .action(
      async (user: string, { limit, json, stage }: { limit: number; json?: boolean; stage: string }) => {
        const context = await withStage(stage, (session) => readRecentContext(session, user, limit));
        console.log(json ? JSON.stringify(context) : formatContext(context));
      },
    );
}

/**
 * Asks the function `read-context`, which alone can reach the cache.
 * @throws CommandFailure with the function's error name
 */
export async function readRecentContext(
  session: StageSession,
  user: string,
  limit: number,
): Promise<RecentContext> {
  const tag = (await session.keys()).tag(user);
  return invokeFunction<RecentContext>(session, "read-context", { user_id: user, tag, limit });
}

/** One line a message, oldest first, as in a chat. */
export function formatContext({ messages, cache }: RecentContext): string {
  const lines = [...messages].reverse().map(({ timestamp, role, content, message_type }) => {
    const text = content === "" ? `[${message_type}]` : content;
    return `${timestamp.slice(0, 19).replace("T", " ")}  ${role.padEnd(9)}  ${text}`;
  });
  const source = {
    hit: "from the cache",
    miss: "from the rows, now cached",
    unavailable: "from the rows; the cache does not answer",
  };
  return [...lines, `${messages.length} message${messages.length === 1 ? "" : "s"}, ${source[cache]}`].join(
    "\n",
  );
}
