import { createHash } from "node:crypto";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { openZip } from "../../../../functions/adapters/zip/zip-archive.ts";
import { PermanentError, TransientError } from "../../../../functions/core/domain/errors.ts";
import {
  declarationOf,
  PERSONAL_STORES,
  type StoreName,
  storesOf,
} from "../../../../functions/core/domain/personal-stores.ts";
import type { PersonalRecord } from "../../../../functions/core/ports/personal-store.ts";
import { exportSubject, type PersonalExports } from "../../../../functions/core/use-cases/subject-export.ts";
import { exactJson, fileExtension } from "../../../../functions/core/use-cases/subject-export-values.ts";
import { fixedClock, NOW } from "../../../support/builders.ts";

const ANA = { user_id: "whatsapp:+34600000001", tags: ["a".repeat(64)] };
const ALIAS = { user_id: "web:ana", tags: ["b".repeat(64)] };

type Records = Partial<Record<StoreName, Readonly<Record<string, readonly PersonalRecord[]>>>>;

/** Stores that hold these records by user, each of them read to its end. */
const storesHolding = (held: Records): PersonalExports =>
  Object.fromEntries(
    storesOf().map((store) => [
      store,
      {
        async *export({ user_id }: { readonly user_id: string }) {
          yield* held[store]?.[user_id] ?? [];
        },
      },
    ]),
  ) as unknown as PersonalExports;

const json = (name: string, value: unknown): PersonalRecord => ({ kind: "json", name, value });
const file = (name: string, contentType: string, ...parts: readonly string[]): PersonalRecord => ({
  kind: "file",
  name,
  contentType,
  body: (async function* () {
    for (const part of parts) yield Buffer.from(part);
  })(),
});

async function exported(
  held: Records,
  people = [ANA],
  over: Partial<Parameters<typeof exportSubject>[2]> = {},
) {
  const chunks: Uint8Array[] = [];
  const summary = await exportSubject(
    people,
    async (chunk) => {
      chunks.push(Uint8Array.from(chunk));
    },
    { stores: storesHolding(held), openArchive: openZip, clock: fixedClock(), ...over },
  );
  const files = unzipSync(Buffer.concat(chunks));
  return {
    summary,
    files,
    text: (path: string) => strFromU8(files[path] ?? new Uint8Array(0)),
    index: JSON.parse(strFromU8(files["index.json"] ?? new Uint8Array(0))),
  };
}

describe("subject export", () => {
  it("holds a canary of every field of every store, and of every id", async () => {
    const canary = (store: StoreName, field: string, user: string) =>
      `canary-${createHash("sha256").update(`${store}/${field}/${user}`).digest("hex")}`;
    const of = (store: StoreName, user: string): PersonalRecord[] => [
      json(
        `of ${user}`,
        Object.fromEntries(declarationOf(store).fields.map((field) => [field, canary(store, field, user)])),
      ),
      file("a file", "image/jpeg", "first ", canary(store, "file", user)),
    ];
    const people = [ANA, ALIAS];
    const held: Records = Object.fromEntries(
      storesOf().map((store) => [
        store,
        Object.fromEntries(people.map(({ user_id }) => [user_id, of(store, user_id)])),
      ]),
    );
    const { files, summary, index } = await exported(held, people);
    const everything = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join("\n");
    for (const store of storesOf()) {
      for (const { user_id } of people)
        for (const field of [...declarationOf(store).fields, "file"])
          expect(everything, `${store} ${field}`).toContain(canary(store, field, user_id));
      expect(summary.stores[store]).toBe(4);
    }
    // Every file is in the index with what it holds, and every file of the index is there.
    const listed = index.stores.flatMap((store: { files: { path: string; bytes: number }[] }) => store.files);
    expect(
      Object.fromEntries(listed.map(({ path, bytes }: { path: string; bytes: number }) => [path, bytes])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(files)
          .filter(([path]) => !path.startsWith("index."))
          .map(([path, bytes]) => [path, bytes.length]),
      ),
    );
  });

  it("names no file by an id, whatever stores call their records", async () => {
    const { files } = await exported({
      media: { [ANA.user_id]: [file(`../../${ANA.user_id}.jpg`, `../${ANA.user_id}`, "x")] },
      cache: { [ANA.user_id]: [json(`context:${ANA.user_id}`, {})] },
    });
    expect(Object.keys(files).sort()).toEqual([
      "cache/records-0001.json",
      "index.html",
      "index.json",
      "media/file-0001.bin",
    ]);
  });

  it("says of every store what it is for and how long it is kept, also where nothing is held or searched", async () => {
    const { index, text } = await exported({ cache: { [ANA.user_id]: [json("<script>", "<b>")] } });
    expect(index).toMatchObject({ generated_at: NOW, user_ids: [ANA.user_id] });
    expect(index.stores.map(({ name }: { name: string }) => name)).toEqual(Object.keys(PERSONAL_STORES));
    for (const store of index.stores) {
      const { purpose, kept, place } = declarationOf(store.name);
      expect(store).toMatchObject({ purpose, kept, place });
      const escaped = (plain: string) => plain.replaceAll("&", "&amp;").replaceAll("'", "&#39;");
      for (const told of [purpose, kept, place]) expect(text("index.html")).toContain(escaped(told));
    }
    const queues = index.stores.find(({ name }: { name: string }) => name === "queues");
    expect(queues).toMatchObject({ exported: false, records: 0, files: [], gone_after_days: 14 });
    expect(text("index.html")).toContain('lang="es"');
    expect(text("index.html")).not.toContain("<script>");
  });

  it("cuts many records into files of a thousand, and a few large ones into files that open", async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => json(`r${index}`, { index }));
    const large = Array.from({ length: 3 }, (_, index) => json(`l${index}`, "x".repeat(3_000_000)));
    const { text, index } = await exported({
      lake: { [ANA.user_id]: many },
      search: { [ANA.user_id]: large },
    });
    const lake = index.stores.find(({ name }: { name: string }) => name === "lake").files;
    expect(lake.map(({ records }: { records: number }) => records)).toEqual([1_000, 1_000, 500]);
    const read = lake.flatMap(({ path }: { path: string }) => JSON.parse(text(path)));
    expect(read.map(({ value }: { value: { index: number } }) => value.index)).toEqual(
      many.map((_, nth) => nth),
    );
    expect(index.stores.find(({ name }: { name: string }) => name === "search").files).toHaveLength(2);
  });

  it("gives the same digest for the same data in another order, and another for other data", async () => {
    const [a, b] = [json("a", { n: 1 }), json("b", { n: 2 })];
    const picture = () => file("p", "image/png", "pixels");
    const digest = async (...records: readonly PersonalRecord[]) =>
      (await exported({ cache: { [ANA.user_id]: records } })).summary.digest;
    const first = await digest(a, b, picture());
    expect(await digest(picture(), b, a)).toBe(first);
    expect(await digest(a, b)).not.toBe(first);
    expect(await digest(a, b, file("p", "image/png", "pixel5"))).not.toBe(first);
    expect(await digest(a, json("b", { n: 3 }), picture())).not.toBe(first);
  });

  it("fails when a store cannot be read: half of what is held is no export", async () => {
    const stores = {
      ...storesHolding({}),
      search: {
        // biome-ignore lint/correctness/useYield: it fails before it has anything.
        async *export(): AsyncGenerator<PersonalRecord> {
          throw new TransientError("OpenSearch is unreachable");
        },
      },
    };
    await expect(exported({}, [ANA], { stores })).rejects.toThrow(TransientError);
  });

  it("leaves a store out when told to, and says so", async () => {
    const { index, summary } = await exported({ holds: { [ANA.user_id]: [json("a", 1)] } }, [ANA], {
      except: ["holds"],
    });
    expect(summary.stores.holds).toBe(0);
    expect(index.stores.find(({ name }: { name: string }) => name === "holds")).toMatchObject({
      exported: false,
    });
  });
});

describe("values", () => {
  it("keep digits, bytes and what is no number; look-alikes stay what they are", () => {
    const value = {
      big: 2n ** 63n - 1n,
      bytes: Buffer.from("ñ"),
      array: new Uint8Array([1, 2]),
      set: new Set(["a"]),
      nan: Number.NaN,
      said: { type: "Buffer", data: [1, "x"] },
      nothing: null,
    };
    expect(exactJson(value)).toBe(
      '{"big":9223372036854775807,"bytes":"w7E=","array":"AQI=","set":["a"],"nan":"NaN","said":{"type":"Buffer","data":[1,"x"]},"nothing":null}',
    );
    expect(exactJson(undefined)).toBe("null");
  });

  it("name files by their type only", () => {
    expect(fileExtension("image/JPEG; q=1")).toBe("jpg");
    expect(fileExtension("x/../../etc")).toBe("bin");
    expect(fileExtension("constructor")).toBe("bin");
  });
});

describe("zip", () => {
  it("waits for its sink and keeps files of any size exactly", async () => {
    let [busy, sunk] = [false, 0];
    const chunks: Uint8Array[] = [];
    const archive = openZip(async (chunk) => {
      expect(busy).toBe(false);
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      busy = false;
      sunk += chunk.length;
      chunks.push(Uint8Array.from(chunk));
    }, new Date(NOW));
    const parts = Array.from({ length: 40 }, (_, index) => Buffer.alloc(100_000, index));
    const source = async function* () {
      yield* parts;
    };
    const empty = async function* (): AsyncGenerator<Uint8Array> {};
    expect(await archive.add("ñ/a.bin", source(), true)).toBe(4_000_000);
    expect(sunk).toBeGreaterThan(4_000_000);
    expect(await archive.add("b.txt", source())).toBe(4_000_000);
    expect(await archive.add("empty.json", empty())).toBe(0);
    await archive.end();
    const files = unzipSync(Buffer.concat(chunks));
    expect(Object.keys(files)).toEqual(["ñ/a.bin", "b.txt", "empty.json"]);
    for (const name of ["ñ/a.bin", "b.txt"])
      expect(Buffer.concat(parts).equals(files[name] ?? Buffer.alloc(0))).toBe(true);
  });

  it("refuses more files than a zip file can list", async () => {
    const archive = openZip(async () => undefined, new Date(NOW));
    const empty = async function* (): AsyncGenerator<Uint8Array> {};
    for (let nth = 0; nth < 65_535; nth++) await archive.add(`${nth}`, empty(), true);
    await expect(archive.add("one more", empty(), true)).rejects.toThrow(PermanentError);
  });
});
