import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareUtf8 } from "../../../functions/core/domain/key-order.ts";
import { canonicalText, LakeRowsHash } from "../../../functions/core/domain/lake-hash.ts";
import { compareLakeKeys } from "../../../functions/core/domain/lake-order.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { inPages } from "../../../functions/core/use-cases/merge-pages.ts";
import { mergeRows } from "../../../functions/core/use-cases/merge-rows.ts";
import { aStoredMessage, later } from "../../support/builders.ts";

/** Few people, times and ids, so that keys meet; beyond U+FFFF, below and in between. */
const aRow = fc
  .record({
    user: fc.constantFrom("web:a", "web:ab", "web:\uff5e", "web:\u{1f642}", "web:z"),
    minute: fc.integer({ min: 0, max: 2 }),
    id: fc.constantFrom("m1", "m10", "m2"),
    revision: fc.integer({ min: 1, max: 3 }),
    generation: fc.integer({ min: 1, max: 2 }),
    content: fc.constantFrom("uno", "dos", "tres"),
  })
  .map(({ user, minute, id, revision, generation, content }) =>
    lakeRowOf(
      aStoredMessage({
        user_id: user,
        message_id: id,
        timestamp: later(minute * 60_000),
        revision,
        generation,
        content,
      }),
    ),
  );

/** A stream: in order, a key once. */
const aStream = fc
  .array(aRow, { maxLength: 12 })
  .map((rows) =>
    rows
      .toSorted(compareLakeKeys)
      .filter((row, index, all) => index === 0 || compareLakeKeys(all[index - 1] ?? row, row) !== 0),
  );

async function* paged(rows: readonly LakeRow[], size: number): AsyncGenerator<LakeRow[]> {
  for (let start = 0; start < rows.length; start += size) {
    yield rows.slice(start, start + size);
    // Empty pages happen where a filter leaves nothing.
    yield [];
  }
}

async function merged(old: readonly LakeRow[], fresh: readonly (readonly LakeRow[])[], size = 2) {
  const rows: LakeRow[] = [];
  const changes: string[] = [];
  const streams = fresh.map((stream) => paged(stream, size));
  for await (const page of mergeRows(paged(old, size), streams)) {
    rows.push(...page.rows);
    changes.push(...page.changes);
  }
  return { rows, changes };
}

const nameOf = ({ user_id, timestamp, message_id }: LakeRow): string =>
  JSON.stringify([user_id, timestamp, message_id]);
const stateOf = ({ generation, revision }: LakeRow): number => Number(generation) * 100 + Number(revision);

describe("compareUtf8", () => {
  it("orders as UTF-8 bytes are ordered", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    for (const [a, b] of [
      ["\uff5e", "\u{1f642}"],
      ["\ue000", "\u{10000}"],
      ["a", "aa"],
      ["\ud7ff", "\ue000"],
    ] as const) {
      expect(compareUtf8(a, b)).toBeLessThan(0);
      expect(compareUtf8(b, a)).toBeGreaterThan(0);
    }
  });
});

describe("mergeRows", () => {
  it("gives each key once, in order, at its highest state, and loses none", async () => {
    await fc.assert(
      fc.asyncProperty(aStream, fc.array(aStream, { maxLength: 4 }), async (old, fresh) => {
        const { rows, changes } = await merged(old, fresh);
        const highest = new Map<string, number>();
        for (const row of [...old, ...fresh.flat()]) {
          highest.set(nameOf(row), Math.max(highest.get(nameOf(row)) ?? 0, stateOf(row)));
        }
        expect(new Map(rows.map((row) => [nameOf(row), stateOf(row)]))).toEqual(highest);
        expect(rows).toHaveLength(highest.size);
        for (const [index, row] of rows.slice(1).entries()) {
          expect(compareLakeKeys(rows[index] as LakeRow, row)).toBeLessThan(0);
        }
        const before = new Map(old.map((row) => [nameOf(row), stateOf(row)]));
        expect(changes).toEqual(
          rows.map((row) => {
            const was = before.get(nameOf(row));
            return was === undefined ? "added" : stateOf(row) > was ? "updated" : "kept";
          }),
        );
      }),
    );
  });

  it("takes the fresh one of two at the same state", async () => {
    const row = lakeRowOf(aStoredMessage({ content: "old" }));
    const { rows } = await merged([row], [[{ ...row, content: "fresh" }]]);
    expect(rows.map(({ content }) => content)).toEqual(["fresh"]);
  });

  it("refuses rows that are not in the lake's order", async () => {
    const [a, b] = ["web:a", "web:b"].map((user_id) => lakeRowOf(aStoredMessage({ user_id })));
    if (!a || !b) throw new Error("no rows");
    await expect(merged([b, a], [])).rejects.toMatchObject({ name: "PermanentError" });
  });

  it("throws what a stream throws, and lets the others go", async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (let n = 0; ; n++) yield [lakeRowOf(aStoredMessage({ user_id: `web:${1_000 + n}` }))];
      } finally {
        isClosed = true;
      }
    }
    async function* failing() {
      yield [lakeRowOf(aStoredMessage({ user_id: "web:0" }))];
      throw new Error("the store is down");
    }
    const read = async () => {
      for await (const _ of mergeRows(endless(), [failing()]));
    };
    await expect(read()).rejects.toThrow("the store is down");
    expect(isClosed).toBe(true);
  });

  it("holds no more than two pages a stream", async () => {
    const given = [0, 0, 0];
    const streams = given.map((_, stream) =>
      (async function* () {
        for (let n = 0; n < 5_000; n++) {
          given[stream] = n;
          yield [
            lakeRowOf(aStoredMessage({ user_id: `web:${n}`.padStart(12, "0"), message_id: `m${stream}` })),
          ];
        }
      })(),
    );
    const [old, ...fresh] = streams;
    if (!old) throw new Error("no stream");
    const iterator = mergeRows(old, fresh)[Symbol.asyncIterator]();
    await iterator.next();
    // A page of the merge is 1,000 rows; each stream is a third of it and two pages on.
    expect(Math.max(...given)).toBeLessThan(340);
    await iterator.return?.(undefined);
  });
});

describe("inPages", () => {
  it("gives all items in order", async () => {
    async function* numbers() {
      for (let n = 0; n < 1_234; n++) yield n;
    }
    const pages: number[][] = [];
    for await (const page of inPages(numbers())) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([500, 500, 234]);
    expect(pages.flat()).toEqual(Array.from({ length: 1_234 }, (_, n) => n));
  });
});

describe("LakeRowsHash", () => {
  const hashOf = (rows: readonly LakeRow[]): string => {
    const hash = new LakeRowsHash();
    for (const row of rows) hash.add(row);
    return hash.digest();
  };

  it("does not depend on the order", () => {
    fc.assert(
      fc.property(fc.array(aRow, { maxLength: 8 }), fc.integer(), (rows, by) => {
        const at = rows.length === 0 ? 0 : Math.abs(by) % rows.length;
        expect(hashOf([...rows.slice(at), ...rows.slice(0, at)].toReversed())).toBe(hashOf(rows));
      }),
    );
  });

  it("tells a row that is there twice, missing or different in any one column", () => {
    const row = lakeRowOf(
      aStoredMessage({ metadata: { intent: "a" }, tokens_used: 1, confidence_score: 0.5 }),
    );
    const other = lakeRowOf(aStoredMessage({ message_id: "m-2" }));
    const variants = Object.entries(row).flatMap(([column, value]): LakeRow[] => {
      if (value === null) return [{ ...row, [column]: "x" }];
      const changed =
        typeof value === "string"
          ? `${value} `
          : typeof value === "boolean"
            ? !value
            : typeof value === "bigint"
              ? value + 1n
              : value + 1;
      return [
        { ...row, [column]: changed },
        { ...row, [column]: null },
      ];
    });
    const sets = [
      [],
      [row],
      [row, row],
      [row, row, row],
      [row, other],
      [other],
      ...variants.map((one) => [one]),
    ];
    const hashes = sets.map(hashOf);
    expect(new Set(hashes).size).toBe(sets.length);
    expect(hashes[0]).toBe("0".repeat(64));
  });

  it("takes a column that a file does not have for null", () => {
    const { edited_at: _, ...older } = lakeRowOf(aStoredMessage());
    expect(canonicalText(older as LakeRow)).toBe(canonicalText({ ...older, edited_at: null } as LakeRow));
  });
});
