import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { aStoredMessage, later } from "../../support/builders.ts";
import type { SearchableIndex } from "./message-index.ts";

/** What every search does. */
export function describeMessageSearch(name: string, { index, search, refresh }: SearchableIndex): void {
  describe(`MessageSearch: ${name}`, () => {
    const user_id = `whatsapp:+${randomUUID()}`;
    const neighbour = `${user_id}4`;
    const word = `palabra${randomUUID().replaceAll("-", "")}`;
    const texts = {
      adios: "Muchas gracias y adiós",
      opening: "¿A qué hora abre la oficina?",
      price: `El precio es ${word} euros`,
      ano: "El año pasado",
    };
    const idsFor = async (text: string, limit = 10) =>
      (await search.search({ text, user_id, limit })).hits.map(({ message_id }) => message_id);

    beforeAll(async () => {
      const rows = Object.entries(texts).map(([message_id, content], at) =>
        aStoredMessage({ user_id, message_id, content, timestamp: later(at * 1_000) }),
      );
      const other = aStoredMessage({ user_id: neighbour, message_id: "n", content: `Otro ${word}` });
      const results = await index.index([...rows, other]);
      expect(results.every(({ status }) => status === "indexed")).toBe(true);
      await refresh();
    });

    it("finds a word, and says where", async () => {
      const { total, hits } = await search.search({ text: "oficina", user_id, limit: 10 });
      expect(total).toBe(1);
      expect(hits).toEqual([
        {
          message_id: "opening",
          user_id,
          timestamp: later(1_000),
          role: "user",
          score: expect.any(Number),
          highlight: ["¿A qué hora abre la <em>oficina</em>?"],
        },
      ]);
    });

    it.each(["adiós", "ADIOS", "adios"])("finds adiós by %s", async (text) => {
      expect(await idsFor(text)).toEqual(["adios"]);
    });

    it("keeps ñ and n apart", async () => {
      expect(await idsFor("año")).toEqual(["ano"]);
      expect(await idsFor("ano")).toEqual([]);
    });

    it("wants all the words", async () => {
      expect(await idsFor("precio euros")).toEqual(["price"]);
      expect(await idsFor("precio oficina")).toEqual([]);
    });

    it("reads operators as words", async () => {
      expect(await idsFor("-oficina")).toEqual(["opening"]);
      expect(await idsFor("precio | oficina")).toEqual([]);
      expect(await idsFor("+precio +euros")).toEqual(["price"]);
    });

    it("keeps people apart whose ids begin alike", async () => {
      expect(await idsFor(word)).toEqual(["price"]);
      const { hits } = await search.search({ text: word, user_id: neighbour, limit: 10 });
      expect(hits.map(({ message_id }) => message_id)).toEqual(["n"]);
      expect((await search.search({ text: word, user_id: user_id.slice(0, -1), limit: 10 })).total).toBe(0);
    });

    it("searches everybody where no person is given, and counts all beyond the limit", async () => {
      const { total, hits } = await search.search({ text: word, limit: 1 });
      expect(total).toBe(2);
      expect(hits).toHaveLength(1);
    });

    it.each(["*", "whatsapp:*", 'x" OR user_id:*', "{x}", "../", '"}', "a!"])(
      "takes the person %j literally",
      async (user) => {
        expect(await search.search({ text: "oficina", user_id: user, limit: 10 })).toEqual({
          total: 0,
          hits: [],
        });
      },
    );

    it.each(['"', "(((", "a:b~2^", "[* TO *]", "\\", "/.*/", "\0", "🧵", "", "   ", "*", "x ".repeat(5_000)])(
      "answers %j without an error and without finding everything",
      async (text) => {
        expect(await idsFor(text)).toEqual([]);
      },
    );
  });
}
