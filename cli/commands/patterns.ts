import type { Command } from "commander";
import { jsonOf } from "../../functions/core/domain/metric-lines.ts";
import { askQuery } from "../../functions/core/use-cases/ask-query.ts";
import { CommandFailure } from "../failure.ts";
import { parseLimit } from "../limit.ts";
import { formatGroups, formatPerson } from "../metrics/format-patterns.ts";
import { withLake } from "../metrics/lake.ts";
import { readPatternsOf } from "../metrics/person-patterns.ts";
import { stageOption } from "../stage-option.ts";
import { type StageSession, withStage } from "../stage-session.ts";

interface PatternsOptions {
  readonly user?: string;
  readonly limit: number;
  readonly leastUsers: number;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo patterns`, what groups of people do, or one person where named. */
export function addPatternsCommand(program: Command, defaultStage: string): void {
  program
    .command("patterns")
    .description("show what groups of people did in the last 90 days, or one person")
    .option("-u, --user <id>", "this person's patterns: personal data")
    .option("-n, --limit <n>", "how many groups, the largest first, 1 to 1000", parseLimit(1000), 20)
    .option("--least-users <n>", "leave out groups of fewer people, 1 to 1000", parseLimit(1000), 5)
    .option("--json", "print one JSON object a group, on a line of its own")
    .addOption(stageOption(defaultStage))
    .action(async (options: PatternsOptions) => {
      const { user } = options;
      console.log(
        await withStage(options.stage, (session) =>
          user === undefined ? describeGroups(session, options) : describePerson(session, user, options),
        ),
      );
    });
}

async function describeGroups(session: StageSession, options: PatternsOptions): Promise<string> {
  const { limit, leastUsers, json } = options;
  const { rows } = await withLake(session, (lake) =>
    askQuery("user-patterns", { least_users: leastUsers, limit }, lake),
  );
  if (json) return rows.map(jsonOf).join("\n");
  if (rows.length === 0)
    throw new CommandFailure(
      `There is no group of ${leastUsers} people: compute patterns with npx hilo export --patterns, or ask for smaller groups`,
    );
  return formatGroups(rows);
}

async function describePerson(
  session: StageSession,
  user: string,
  options: PatternsOptions,
): Promise<string> {
  const row = await readPatternsOf(session, user);
  if (row === undefined) throw new CommandFailure("This person has no patterns in the last 90 days");
  return options.json ? jsonOf(row) : formatPerson(row);
}
