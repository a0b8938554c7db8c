import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { canonicalText } from "../../../functions/core/domain/lake-hash.ts";
import { type RoutedMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { type ExportDeps, exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../functions/core/use-cases/finish-day.ts";
import { type DayVerification, verifyDays } from "../../../functions/core/use-cases/verify-days.ts";
import { aDeletionOf, anEditOf, aRoutedMessage } from "../../support/builders.ts";
import { drawPastDay } from "../../support/days.ts";
import { LakeStage } from "../../support/lake-stage.ts";
import { openDynamo, storesOf } from "./engine.ts";

const engine = await openDynamo();
const stage = new LakeStage(engine);
const { store } = storesOf(engine);
const days: string[] = [];
afterAll(async () => {
  for (const day of days) await stage.forgetDay(day);
  await engine.engines.close();
});

/** A day nobody else writes to. */
function newDay(): string {
  const day = drawPastDay("lake-export", days);
  days.push(day);
  return day;
}

/** A message at noon of a day by somebody new, unless `over` says otherwise. */
const messageOf = (day: string, over: Partial<RoutedMessage> = {}): RoutedMessage => {
  const timestamp = over.timestamp ?? `${day}T12:00:00.000Z`;
  return aRoutedMessage({ user_id: `web:${randomUUID()}`, timestamp, first_received_at: timestamp, ...over });
};

const store1 = async (...messages: RoutedMessage[]): Promise<void> => {
  for (const { status } of await store.store(messages)) expect(status).toBe("stored");
};
const exportDay = (day: string, deps: ExportDeps = stage.exportDeps()) =>
  exportDayObject({ day, object: 0, objects: 1 }, deps);
const verify = async (day: string): Promise<DayVerification> => {
  for await (const result of verifyDays(day, day, stage.verifyDeps())) return result;
  throw new Error("no day verified");
};

/** The day is clean and equal to the table. */
async function expectClean(day: string, rows: number): Promise<void> {
  expect(await finishDay(day, stage.finishDeps())).toMatchObject({ state: "clean", reasons: [], rows });
  expect(await verify(day)).toMatchObject({ state: "clean", lakeRows: rows, differences: [] });
}

describe("the lake export on DynamoDB and S3", () => {
  it("writes a day with all that a row may hold, one message at its last millisecond too", async () => {
    const day = newDay();
    const messages = [
      messageOf(day, { timestamp: `${day}T23:59:59.999Z`, content: "\u{1f642} NUL \u0000 BOM \ufeff" }),
      messageOf(day, { timestamp: `${day}T00:00:00.000Z`, tokens_used: 9_007_199_254_740_991 }),
      messageOf(day, { metadata: { sentiment: "mixed", sentiment_score: 1e-200, other: [1, "dos"] } }),
      ...Array.from({ length: 40 }, () => messageOf(day)),
    ];
    await store1(...messages);
    expect(await exportDay(day)).toMatchObject({ status: "written", rows: 43, people: 43, indexed: 43 });
    await expectClean(day, 43);
  });

  it("exports a day of one message, and one of none", async () => {
    const [one, none] = [newDay(), newDay()];
    await store1(messageOf(one));
    expect(await exportDay(one)).toMatchObject({ status: "written", rows: 1 });
    await expectClean(one, 1);
    expect(await exportDay(none)).toMatchObject({ status: "empty", rows: 0 });
    await expectClean(none, 0);
    expect(await stage.rows(none)).toEqual([]);
  });

  it("takes late, edited and deleted rows, and keeps those whose time in the table is over", async () => {
    const day = newDay();
    const [gone, edited, deleted, late] = [messageOf(day), messageOf(day), messageOf(day), messageOf(day)];
    await store1(gone, edited, deleted);
    await exportDay(day);
    await expectClean(day, 3);
    const before = (await stage.rows(day)).find((row) => row.user_id === gone.user_id);
    await stage.expire(gone.user_id, sortKeyOf(gone));
    await store1(late, anEditOf(edited), aDeletionOf(deleted));
    expect((await verify(day)).differences.map(({ kind }) => kind).sort()).toEqual(["missing", "older"]);
    expect(await exportDay(day)).toMatchObject({ rows: 4, added: 1, updated: 2, kept: 1, indexed: 1 });
    await expectClean(day, 4);
    const after = await stage.rows(day);
    const textOf = (user: string) => after.find((row) => row.user_id === user)?.["content"];
    expect(textOf(edited.user_id)).toBe("Perdón: la de la calle Menor.");
    expect(textOf(deleted.user_id)).toBe("");
    const kept = after.find((row) => row.user_id === gone.user_id);
    if (!before || !kept) throw new Error("a row was dropped");
    expect(canonicalText(kept)).toBe(canonicalText(before));
  });

  it("leaves out who was erased, and leaves an object of no rows where nobody is left", async () => {
    const day = newDay();
    const [erased, other] = [messageOf(day), messageOf(day)];
    await store1(erased, other);
    await exportDay(day);
    await stage.fence(erased.user_id, 1);
    expect((await verify(day)).differences).toEqual([
      { kind: "erased", count: 1, names: [erased.message_id] },
    ]);
    expect(await exportDay(day)).toMatchObject({ rows: 1, fenced: 1 });
    await stage.fence(other.user_id, 1);
    expect(await exportDay(day)).toMatchObject({ status: "written", rows: 0, fenced: 2 });
    await expectClean(day, 0);
  });

  it("ends right when two export a day at once", async () => {
    const day = newDay();
    await store1(...Array.from({ length: 20 }, () => messageOf(day)));
    const reports = await Promise.all([exportDay(day), exportDay(day), exportDay(day)]);
    for (const report of reports) expect(report.rows).toBe(20);
    await expectClean(day, 20);
  });

  it("is not overtaken by a fence between its reading and its commit", async () => {
    const day = newDay();
    const [erased, other] = [messageOf(day), messageOf(day)];
    await store1(erased, other);
    const deps = stage.exportDeps();
    let isFenced = false;
    const people: ExportDeps["people"] = {
      missing: (key, entries) => deps.people.missing(key, entries),
      async add(key, entries) {
        const written = await deps.people.add(key, entries);
        if (!isFenced) await stage.fence(erased.user_id, 1);
        isFenced = true;
        return written;
      },
    };
    expect(await exportDay(day, { ...deps, people })).toMatchObject({ attempts: 2, rows: 1, fenced: 1 });
    expect((await stage.rows(day)).map((row) => row.user_id)).toEqual([other.user_id]);
  });

  it("ends right when it is killed between any two steps and made again", async () => {
    const day = newDay();
    const old = messageOf(day);
    await store1(old, messageOf(day));
    await exportDay(day);
    await stage.expire(old.user_id, sortKeyOf(old));
    let rows = 2;
    for (let step = 1; ; step++) {
      const killer = new Killer(step);
      await store1(messageOf(day));
      rows += 1;
      const outcome = await exportDay(day, killer.watch(stage.exportDeps())).catch(() => "killed");
      expect(outcome === "killed").toBe(killer.hasKilled);
      await exportDay(day);
      expect(await finishDay(day, stage.finishDeps())).toMatchObject({ state: "clean", reasons: [], rows });
      if (!killer.hasKilled) break;
      expect(step).toBeLessThan(40);
    }
    expect(rows).toBeGreaterThan(14);
    await expectClean(day, rows);
  });
});

/** Lets an export make so many calls and answers no more after, as a process that is gone. */
class Killer {
  #left: number;
  hasKilled = false;

  constructor(calls: number) {
    this.#left = calls;
  }

  watch(deps: ExportDeps): ExportDeps {
    const days = ["open", "fenceSequence", "read", "recordUpload", "forgetUpload", "record"] as const;
    const objects = this.#counting(deps.objects, ["head", "abort", "begin"]);
    return {
      ...deps,
      days: this.#counting(deps.days, days),
      ledger: this.#counting(deps.ledger, ["fences"]),
      people: this.#counting(deps.people, ["add"]),
      objects: {
        ...objects,
        begin: async (key, about) => this.#counting(await objects.begin(key, about), ["end", "complete"]),
      },
    };
  }

  /** The port with these methods counted, and refused once there are none left. */
  #counting<T extends object>(port: T, names: readonly (keyof T)[]): T {
    const counted = names.map((name) => {
      const method = port[name] as (...args: unknown[]) => Promise<unknown>;
      return [
        name,
        async (...args: unknown[]) => {
          this.hasKilled ||= this.#left === 0;
          if (this.hasKilled) throw new Error("killed");
          this.#left -= 1;
          return method(...args);
        },
      ];
    });
    return { ...port, ...Object.fromEntries(counted) };
  }
}
