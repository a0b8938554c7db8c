import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { MessageIndex, MessageSearch } from "../../../functions/core/ports/message-index.ts";
import { aStoredMessage, later } from "../../support/builders.ts";

/** An index and the search over it. */
export interface SearchableIndex {
  readonly index: MessageIndex;
  readonly search: MessageSearch;
  /** Makes what was indexed findable. */
  refresh(): Promise<void>;
}

/** What every search index does when rows are written. */
export function describeMessageIndex(name: string, { index, search, refresh }: SearchableIndex): void {
  describe(`MessageIndex: ${name}`, () => {
    const person = () => `whatsapp:+${randomUUID()}`;
    const found = async (text: string, user_id: string) => {
      await refresh();
      return (await search.search({ text, user_id, limit: 10 })).hits.map(({ message_id }) => message_id);
    };

    it("says nothing of an empty batch", async () => {
      expect(await index.index([])).toEqual([]);
    });

    it("indexes each row once, in the order given", async () => {
      const user_id = person();
      const rows = ["a", "b", "a"].map((message_id) =>
        aStoredMessage({ user_id, message_id, content: "Una pregunta" }),
      );
      expect(await index.index(rows)).toEqual([
        { status: "indexed" },
        { status: "indexed" },
        { status: "current" },
      ]);
      expect((await found("pregunta", user_id)).sort()).toEqual(["a", "b"]);
    });

    it("keeps the higher revision, whichever comes first", async () => {
      const user_id = person();
      const row = aStoredMessage({ user_id, content: "primera" });
      expect(await index.index([{ ...row, revision: 3, content: "tercera" }])).toEqual([
        { status: "indexed" },
      ]);
      expect(await index.index([{ ...row, revision: 2, content: "segunda" }, row])).toEqual([
        { status: "current" },
        { status: "current" },
      ]);
      expect(await found("tercera", user_id)).toEqual(["m-1"]);
      expect(await found("segunda", user_id)).toEqual([]);
    });

    it("keeps the later generation, whatever its revision and whichever comes first", async () => {
      const user_id = person();
      const erased = aStoredMessage({ user_id, content: "borrada", revision: 5 });
      const back = { ...erased, content: "de vuelta", generation: 2, revision: 1 };
      const outcomes = [];
      for (const row of [erased, back, { ...erased, revision: 6 }, { ...back, revision: 2 }])
        outcomes.push(...(await index.index([row])));
      expect(outcomes.map(({ status }) => status)).toEqual(["indexed", "indexed", "current", "indexed"]);
      expect([await found("vuelta", user_id), await found("borrada", user_id)]).toEqual([["m-1"], []]);
    });

    it("takes a deleted row's text away, for good", async () => {
      const user_id = person();
      const row = aStoredMessage({ user_id, content: "secreto" });
      await index.index([row]);
      expect(await index.index([{ ...row, content: "", deleted: true, revision: 2 }])).toEqual([
        { status: "indexed" },
      ]);
      expect(await index.index([row])).toEqual([{ status: "current" }]);
      expect(await found("secreto", user_id)).toEqual([]);
    });

    it("keeps one of many concurrent copies", async () => {
      const user_id = person();
      const row = aStoredMessage({ user_id, content: "simultáneo" });
      const results = await Promise.all(Array.from({ length: 10 }, () => index.index([row])));
      expect(results.flat().filter(({ status }) => status === "indexed")).toHaveLength(1);
      expect(await found("simultáneo", user_id)).toEqual(["m-1"]);
    });

    it("tells ids apart that only together look alike", async () => {
      const base = `telegram:${randomUUID()}`;
      const rows = [
        aStoredMessage({ user_id: base, message_id: "1:m", content: "gemelo" }),
        aStoredMessage({ user_id: `${base}:1`, message_id: "m", content: "gemelo" }),
      ];
      expect(await index.index(rows)).toEqual([{ status: "indexed" }, { status: "indexed" }]);
      expect(await found("gemelo", base)).toEqual(["1:m"]);
    });

    it("holds messages of several months", async () => {
      const user_id = person();
      const month = 31 * 86_400_000;
      const rows = [0, -1, -2].map((months) =>
        aStoredMessage({
          user_id,
          message_id: `m${months}`,
          content: "factura",
          timestamp: later(months * month),
        }),
      );
      await index.index(rows);
      expect((await found("factura", user_id)).sort()).toEqual(["m-1", "m-2", "m0"]);
    });
  });
}
