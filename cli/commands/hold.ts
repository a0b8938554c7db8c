import type { Command } from "commander";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { TAG_PATTERN } from "../../functions/core/domain/key-chain.ts";
import type { LegalHold } from "../../functions/core/ports/legal-holds.ts";
import { currentActor, openHolds } from "../erase/open-requests.ts";
import { CommandFailure } from "../failure.ts";
import { invokeFunction } from "../invoke-function.ts";
import { alignColumns } from "../metrics/table.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface Options {
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo hold`: legal holds, which keep people's data while an erasure waits. */
export function addHoldCommand(program: Command, defaultStage: string): void {
  const hold = program
    .command("hold")
    .description("keep a person's data for a legal case: erasures wait, and nothing expires unseen");
  const add = (name: string, description: string): Command =>
    hold
      .command(name)
      .description(description)
      .option("--json", "print JSON")
      .addOption(stageOption(defaultStage));

  add("set", "hold what there is of a person and copy it to where nothing expires")
    .argument("<user>", "user id with its channel, such as whatsapp:+1234567890")
    .requiredOption("--reason <text>", "number of the case or the like; no personal data")
    .option("--replace", "put this reason in the place of the one that the person is held for")
    .action(setHold);
  add("lift", "end a hold; erasures that waited go on the next day, or with hilo erase start")
    .argument("<user>", "user id, or the tag that list shows")
    .action(liftHold);
  add("list", "list holds: tag, since when, by whom, why").action(listHolds);
}

interface SetOptions extends Options {
  readonly reason: string;
  readonly replace?: boolean;
}

/** A person has one hold: a second case would take the first one's place, and its end would end both. */
export function assertSameCase(holds: readonly LegalHold[], tags: readonly string[], reason: string): void {
  const other = holds.find((hold) => tags.includes(hold.tag) && hold.reason !== reason);
  if (other !== undefined)
    throw new CommandFailure(
      `The person is held since ${other.set_at.slice(0, 10)} already: ${other.reason}. One hold is all there is of a person: name both cases in --reason and add --replace`,
    );
}

async function setHold(user: string, options: SetOptions): Promise<void> {
  const { reason, replace, json, stage } = options;
  const held = await withStage(stage, async (session) => {
    const keys = await session.keys();
    const actor = await currentActor(session);
    const hold = { tag: keys.tag(user), set_at: systemClock().toISOString(), actor, reason };
    const holds = openHolds(session);
    if (!replace) assertSameCase(await holds.list(), keys.tags(user), reason);
    await holds.set(hold);
    // Should it fail, the hold is set all the same: the same command again makes the copy.
    await invokeFunction(session, "preserve-held", { user_id: user });
    return hold;
  });
  console.log(
    json
      ? JSON.stringify(held)
      : `${held.tag} is held, and what there is of the person is copied to where nothing expires`,
  );
}

async function liftHold(user: string, { json, stage }: Options): Promise<void> {
  const tag = await withStage(stage, async (session) => {
    // It may have been set before the keys were rotated.
    const wanted = TAG_PATTERN.test(user) ? [user] : (await session.keys()).tags(user);
    const lifted: string[] = [];
    for (const one of wanted) if (await openHolds(session).lift(one)) lifted.push(one);
    if (lifted.length === 0) throw new CommandFailure("There is no such hold: npx hilo hold list shows them");
    await invokeFunction(session, "preserve-held", {});
    return lifted.join(", ");
  });
  console.log(json ? JSON.stringify({ tag, lifted: true }) : `the hold on ${tag} is lifted`);
}

async function listHolds({ json, stage }: Options): Promise<void> {
  const holds = await withStage(stage, (session) => openHolds(session).list());
  if (json) return console.log(JSON.stringify(holds));
  const rows = holds.map(({ tag, set_at, actor, reason }) => [tag, set_at.slice(0, 10), actor, reason]);
  for (const line of alignColumns(rows, ["left", "left", "left", "left"])) console.log(line);
  console.log(`${holds.length} held`);
}
