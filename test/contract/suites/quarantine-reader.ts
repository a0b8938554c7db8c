import { beforeAll, describe, expect, it } from "vitest";
import type { Quarantine, QuarantineEntry } from "../../../functions/core/ports/quarantine.ts";
import type { QuarantineReader, QuarantineSummary } from "../../../functions/core/ports/quarantine-reader.ts";
import { Scene } from "./scene.ts";

/** A quarantine to write to and to look into. */
export interface ReadableQuarantine {
  readonly quarantine: Quarantine;
  readonly reader: QuarantineReader;
}

/** What everyone who looks into quarantine may rely on. */
export function quarantineReaderSuite(name: string, open: () => Promise<ReadableQuarantine>): void {
  describe(`QuarantineReader: ${name}`, () => {
    let stores: ReadableQuarantine;
    beforeAll(async () => {
      stores = await open();
    });

    const entryOf = (scene: Scene, source: string, over: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
      user_id: scene.userId,
      first_received_at: scene.start,
      source_id: source,
      code: "invalid-field",
      field: "content",
      detail: "must be a text",
      body: { text: '{"a": "\u0000 🙂"}' },
      ...over,
    });
    const all = async (entries: AsyncIterable<QuarantineSummary>): Promise<QuarantineSummary[]> => {
      const found: QuarantineSummary[] = [];
      for await (const entry of entries) found.push(entry);
      return found;
    };

    it("shows a day's entries of all people, newest first", async () => {
      const [ana, luis] = [new Scene(), new Scene()];
      // A day of its own, so that nothing else that is held stands between.
      const day = `20${10 + (process.pid % 10)}-0${1 + (Date.now() % 9)}-11`;
      const sources = Array.from({ length: 40 }, (_, index) => `${ana.userId.slice(-12)}-${index}`);
      for (const [index, source] of sources.entries()) {
        const seconds = String(index).padStart(2, "0");
        const first_received_at = `${day}T23:59:${seconds}.000Z`;
        await stores.quarantine.put(entryOf(index % 2 ? ana : luis, source, { first_received_at }));
      }
      const found = (await all(stores.reader.ofDay(day))).filter(({ user_id }) =>
        [ana.userId, luis.userId].includes(user_id),
      );
      expect(found.map(({ source_id }) => source_id)).toEqual(sources.toReversed());
      expect(found.at(-1)).toEqual({
        user_id: luis.userId,
        first_received_at: `${day}T23:59:00.000Z`,
        source_id: sources[0],
        code: "invalid-field",
        field: "content",
      });
    });

    it("shows one person's entries, newest first, and nobody else's", async () => {
      const scene = new Scene();
      for (const [index, source] of ["a", "b", "c"].entries()) {
        await stores.quarantine.put(
          entryOf(scene, source, { first_received_at: scene.at(index * 86_400_000) }),
        );
      }
      await stores.quarantine.put(entryOf(scene, "d", { user_id: `${scene.userId}4` }));
      const found = await all(stores.reader.ofUser(scene.userId));
      expect(found.map(({ source_id }) => source_id)).toEqual(["c", "b", "a"]);
    });

    it("gives an entry back exactly, by when and as what it came", async () => {
      const scene = new Scene();
      const entries = [
        entryOf(scene, "known-1", { tag: scene.tag, generation: 1, retries: 2 }),
        entryOf(scene, "large-1", { body: { object: "quarantine/x.json", bytes: 400_000 } }),
      ];
      for (const entry of entries) {
        await stores.quarantine.put(entry);
        expect(await stores.reader.get(entry)).toEqual(entry);
      }
      const { first_received_at } = entryOf(scene, "");
      expect(await stores.reader.get({ first_received_at, source_id: "known-2" })).toBeUndefined();
      expect(
        await stores.reader.get({ first_received_at: scene.at(1), source_id: "known-1" }),
      ).toBeUndefined();
    });

    it("takes one entry away, and no other", async () => {
      const scene = new Scene();
      const [gone, stays] = [entryOf(scene, "g-1"), entryOf(scene, "g-2")];
      await stores.quarantine.put(gone);
      await stores.quarantine.put(stays);
      await stores.reader.remove(gone);
      await stores.reader.remove(gone);
      expect(await stores.reader.get(gone)).toBeUndefined();
      expect((await all(stores.reader.ofUser(scene.userId))).map(({ source_id }) => source_id)).toEqual([
        "g-2",
      ]);
    });
  });
}
