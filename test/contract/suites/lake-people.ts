import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { LakePeople } from "../../../functions/core/ports/lake-people.ts";

/** An index of objects by person, and a look at one entry. */
export interface OpenLakePeople {
  readonly people: LakePeople;
  generationOf(key: string, userId: string): Promise<number | undefined>;
}

/** What every index of the lake's objects by person holds to. */
export function lakePeopleSuite(name: string, open: () => Promise<OpenLakePeople>): void {
  describe(`LakePeople: ${name}`, () => {
    let index: OpenLakePeople;
    beforeAll(async () => {
      index = await open();
    });
    const newKey = (): string => `conversations/test/${randomUUID()}.parquet`;
    const crowd = (count: number, generation = 1) => {
      const base = randomUUID();
      return Array.from({ length: count }, (_, n) => ({ user_id: `web:${base}-${n}`, generation }));
    };

    it("enters a hundred people, once", async () => {
      const [key, people] = [newKey(), crowd(100)];
      expect(await index.people.missing(key, people)).toBe(100);
      expect(await index.people.add(key, people)).toBe(100);
      expect(await index.people.add(key, people)).toBe(0);
      expect(await index.people.missing(key, people)).toBe(0);
      expect(await index.people.missing(newKey(), people)).toBe(100);
    });

    it("adds who is new among those who are known", async () => {
      const [key, people] = [newKey(), crowd(60)];
      await index.people.add(key, people.slice(0, 30));
      expect(await index.people.add(key, people)).toBe(30);
      expect(await index.people.missing(key, people)).toBe(0);
    });

    it("raises a generation and never lowers it, whoever comes first", async () => {
      const [key, [person = { user_id: "", generation: 0 }]] = [newKey(), crowd(1, 2)];
      await index.people.add(key, [person]);
      expect(await index.people.add(key, [{ ...person, generation: 1 }])).toBe(0);
      expect(await index.generationOf(key, person.user_id)).toBe(2);
      expect(await index.people.missing(key, [{ ...person, generation: 3 }])).toBe(1);
      expect(await index.people.add(key, [{ ...person, generation: 3 }])).toBe(1);
      expect(await index.generationOf(key, person.user_id)).toBe(3);
    });

    it("ends with the highest generation when two add the same people at once", async () => {
      const [key, people] = [newKey(), crowd(40)];
      const next = people.map((person) => ({ ...person, generation: 2 }));
      await Promise.all([
        index.people.add(key, people),
        index.people.add(key, next),
        index.people.add(key, people),
      ]);
      expect(await index.people.missing(key, next)).toBe(0);
    });

    it("keeps ids that begin alike apart", async () => {
      const [key, id] = [newKey(), randomUUID()];
      await index.people.add(key, [{ user_id: `${id}:+1234`, generation: 1 }]);
      expect(await index.people.missing(key, [{ user_id: `${id}:+123`, generation: 1 }])).toBe(1);
    });
  });
}
