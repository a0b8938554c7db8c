import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { PermanentError } from "../../../../functions/core/domain/errors.ts";
import type { RandomAccessFile } from "../../../../functions/core/ports/lake-row-files.ts";
import { jsonLineFiles } from "../../../../functions/core/use-cases/erasure/json-line-people.ts";
import { exportedItem, loggedPerson } from "../../../../functions/core/use-cases/erasure/record-owners.ts";
import { seededRandom } from "../../../support/random.ts";

const logs = jsonLineFiles(loggedPerson, (id) => `hash of ${id}`);
const backups = jsonLineFiles(exportedItem);

const fileOf = (bytes: Uint8Array): RandomAccessFile => ({
  byteLength: bytes.byteLength,
  slice: async (start, end) => new Uint8Array(bytes.slice(start, end)).buffer,
});
const linesOf = (...records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");
const record = (user_id: string, generation = 1, text = "hello") => ({ user_id, generation, text });
const item = (attributes: Record<string, unknown>) => ({ Item: attributes });
const target = (user_id: string, generation = 1) => ({ user_id, generation });

async function without(files: typeof logs, bytes: Uint8Array, ...people: ReturnType<typeof target>[]) {
  const chunks: Uint8Array[] = [];
  const result = await files.remove(
    fileOf(bytes),
    people,
    async (chunk) => {
      chunks.push(chunk.slice());
    },
    undefined,
  );
  const left = Buffer.concat(chunks);
  return { ...result, left, text: gunzipSync(left).toString() };
}

describe("files of JSON lines in gzip members", () => {
  it("copies members that hold nobody who goes byte for byte, and packs the others anew", async () => {
    const members = [
      linesOf(record("a"), record("b")),
      linesOf(record("c"), record("d")),
      linesOf(record("hash of a")),
      linesOf(record("e")),
    ].map((text) => gzipSync(text));
    const whole = Buffer.concat(members);
    const { removed, rows, left, text } = await without(logs, whole, target("a"), target("x"));
    expect(removed).toEqual(new Map([["a", 2]]));
    expect(rows).toBe(4);
    expect(text).toBe(linesOf(record("b"), record("c"), record("d"), record("e")));
    expect(left.includes(members[1] ?? "")).toBe(true);
    expect(left.subarray(-(members[3]?.length ?? 0))).toEqual(members[3]);
    expect(await logs.count(fileOf(whole), [target("a")])).toEqual(new Map([["a", { rows: 2, staying: 0 }]]));
    expect(await logs.rowsOf(fileOf(whole), "a")).toEqual([record("a"), record("hash of a")]);
  });

  it("keeps records of later generations and says whose", async () => {
    const whole = gzipSync(linesOf(record("a", 1), record("a", 2), record("b")));
    const { removed, staying, text } = await without(logs, whole, target("a", 1));
    expect(removed).toEqual(new Map([["a", 1]]));
    expect(staying).toEqual(new Set(["a"]));
    expect(text).toBe(linesOf(record("a", 2), record("b")));
  });

  it("leaves a valid file where everybody goes", async () => {
    const { rows, text } = await without(logs, gzipSync(linesOf(record("a"))), target("a"));
    expect([rows, text]).toEqual([0, ""]);
  });

  it("takes ids as a whole, whatever is in them", async () => {
    const ids = ["+123", "+1234", "*", "a:b", "{x}", "../", "%2F", '"}', "ñ😀", "\\", "\u2028"].map(
      (id) => `web:${id}`,
    );
    const whole = gzipSync(linesOf(...ids.map((id) => record(id))));
    for (const id of ids) {
      const { removed, text } = await without(logs, whole, target(id));
      expect(removed, id).toEqual(new Map([[id, 1]]));
      expect(text, id).toBe(linesOf(...ids.filter((other) => other !== id).map((other) => record(other))));
      expect(await logs.idsIn(fileOf(whole), [id]), id).toEqual(new Set([id]));
      expect(await logs.idsIn(fileOf(gzipSync(text)), [id]), id).toEqual(new Set());
    }
  });

  it("finds ids as other writers escape them, and across the blocks that a file is read in", async () => {
    const escaped = `{"user_id": "web:\\u00f1", "text": ""}\n`;
    expect(await logs.idsIn(fileOf(gzipSync(escaped)), ["web:ñ", "web:n"])).toEqual(new Set(["web:ñ"]));
    const { removed } = await without(logs, gzipSync(escaped), target("web:ñ"));
    expect(removed).toEqual(new Map([["web:ñ", 1]]));
    const padding = "x".repeat(9_000_000);
    const long = gzipSync(linesOf({ text: padding }, record("web:far"), { text: padding }));
    expect(await logs.idsIn(fileOf(long), ["web:far"])).toEqual(new Set(["web:far"]));
  });

  it("does not take what somebody else wrote for the person whose id it is", async () => {
    const id = "telegram:12345";
    const others = gzipSync(linesOf(record("telegram:9", 1, id)));
    expect(await logs.idsIn(fileOf(others), [id])).toEqual(new Set());
    const row = { Item: { user_id: { S: "telegram:9" }, content: { S: id } } };
    expect(await backups.idsIn(fileOf(gzipSync(linesOf(row))), [id])).toEqual(new Set());
    // What names nobody, or not as it is known, may be theirs.
    const unknown = { Item: { owner: { S: id } } };
    expect(await backups.idsIn(fileOf(gzipSync(linesOf(row, unknown))), [id])).toEqual(new Set([id]));
  });

  it("takes members whose lines go on in the next one together", async () => {
    const text = linesOf(record("a"), record("b"), record("a"), record("c"));
    const bytes = Buffer.from(text);
    const random = seededRandom(7);
    for (let round = 0; round < 30; round++) {
      const cuts = [
        ...new Set([
          0,
          bytes.length,
          ...Array.from({ length: 4 }, () => Math.floor(random() * bytes.length)),
        ]),
      ];
      cuts.sort((x, y) => x - y);
      const whole = Buffer.concat(
        cuts.slice(1).map((end, index) => gzipSync(bytes.subarray(cuts[index], end))),
      );
      const result = await without(logs, whole, target("a"));
      expect(result.text).toBe(linesOf(record("b"), record("c")));
      expect(result.removed).toEqual(new Map([["a", 2]]));
    }
  });

  it("agrees with plain filtering, whatever the members, sizes and ends", async () => {
    const random = seededRandom(11);
    for (let round = 0; round < 40; round++) {
      const records = Array.from({ length: Math.floor(random() * 200) }, () =>
        record(
          `u${Math.floor(random() * 12)}`,
          1 + Math.floor(random() * 2),
          "é".repeat(Math.floor(random() * 3000)),
        ),
      );
      const members: Buffer[] = [];
      for (let at = 0; at < records.length; ) {
        const size = 1 + Math.floor(random() * 40);
        members.push(
          gzipSync(linesOf(...records.slice(at, at + size)), { level: Math.floor(random() * 10) }),
        );
        at += size;
      }
      const result = await without(
        logs,
        Buffer.concat(members.length > 0 ? members : [gzipSync("")]),
        target("u3"),
        target("u5", 2),
      );
      const stay = records.filter(
        ({ user_id, generation }) => !(user_id === "u3" && generation === 1) && user_id !== "u5",
      );
      expect(result.text).toBe(linesOf(...stay));
      expect(result.rows).toBe(stay.length);
    }
  });

  it("reads headers with names, comments, extra fields and checks", async () => {
    const plain = gzipSync(linesOf(record("a"), record("b")));
    const header = Buffer.from([0x1f, 0x8b, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 0, 255]);
    const fields = Buffer.concat([
      Buffer.from([3, 0, 1, 2, 3]),
      Buffer.from("name\0comment\0"),
      Buffer.from([9, 9]),
    ]);
    const dressed = Buffer.concat([header, fields, plain.subarray(10)]);
    expect(await logs.count(fileOf(dressed), [target("a")])).toEqual(
      new Map([["a", { rows: 1, staying: 0 }]]),
    );
  });

  it("refuses what is damaged instead of taking it for empty", async () => {
    const whole = gzipSync(linesOf(record("a"), record("b")));
    const flipped = Buffer.from(whole);
    flipped[flipped.length - 6] = (flipped[flipped.length - 6] ?? 0) ^ 1;
    for (const bytes of [
      whole.subarray(0, -1),
      whole.subarray(0, 20),
      whole.subarray(0, 5),
      flipped,
      Buffer.from("no gzip at all"),
      gzipSync("{no json\n"),
      Buffer.concat([whole, Buffer.from("tail")]),
    ]) {
      await expect(logs.count(fileOf(bytes), [target("a")])).rejects.toBeInstanceOf(PermanentError);
    }
  });

  it("passes on what reading throws", async () => {
    const whole = gzipSync(linesOf(record("a")));
    const gone = {
      byteLength: whole.length + 5_000_000,
      slice: async (start: number, end?: number) => {
        if (start > 0) throw new TypeError("gone");
        return new Uint8Array(whole.slice(start, end)).buffer;
      },
    };
    await expect(logs.count(gone, [target("a")])).rejects.toThrow();
  });
});

describe("items as DynamoDB exports them", () => {
  const text = (value: string) => ({ S: value });
  it("go by user_id, alias and link, with their generation", async () => {
    const items = [
      item({ user_id: text("a"), generation: { N: "1" } }),
      item({ user_id: text("a"), generation: { N: "2" } }),
      item({ user_id: text("a") }),
      item({ alias: text("a"), linked: text("person_1") }),
      item({ alias: text("person_1"), linked: text("a") }),
      item({ user_id: text("b"), content: text("a") }),
      item({ tag: text("t") }),
      {
        Keys: { user_id: text("a") },
        OldImage: { generation: { N: "1" } },
        NewImage: { generation: { N: "2" } },
      },
    ];
    const { removed, text: left } = await without(backups, gzipSync(linesOf(...items)), target("a"));
    expect(removed).toEqual(new Map([["a", 5]]));
    expect(left).toBe(linesOf(items[1], items[5], items[6]));
  });
});
