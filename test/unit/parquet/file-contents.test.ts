import { describe, expect, it } from "vitest";
import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { indexedFile } from "../../contract/parquet/indexed-file.ts";
import { groupsOf } from "../../contract/parquet/raw-pages.ts";
import {
  canaryOf,
  expectedOf,
  inSmallGroups,
  removalScene,
  remove,
} from "../../contract/parquet/removal-scenes.ts";
import { collect, fileOf, stream, writtenBy } from "../../support/parquet/rows.ts";

const removal = createMessageRowRemoval();
const { rows, people, groupRows } = removalScene(6);
const contents = async (bytes: Uint8Array): Promise<Buffer> =>
  Buffer.concat(await collect(removal.contents(fileOf(bytes))));
const old = await inSmallGroups(rows, groupRows);

describe("all that a file says", () => {
  it.each([
    ["hyparquet-writer", async () => old],
    ["with indexes of pages", async () => indexedFile(MESSAGES, rows, groupRows)],
    ["parquetjs-lite", () => writtenBy((sink) => createLakeRowFiles("parquetjs").write(stream(rows), sink))],
  ])("has every value: %s", async (_, written) => {
    const { bytes } = await written();
    const said = await contents(bytes);
    expect(rows.filter((row) => !said.includes(canaryOf(row)))).toEqual([]);
    expect(said.subarray(0, 4).toString()).toBe("PAR1");
    expect(said.subarray(-1_000).equals(bytes.subarray(-1_000))).toBe(true);
  });

  it("has nothing of who was removed", async () => {
    const { file } = await remove(removal, old, people);
    const said = await contents(file.bytes);
    const { left, gone } = expectedOf({ rows, people });
    expect(gone.filter((row) => said.includes(canaryOf(row)))).toEqual([]);
    expect(left.filter((row) => !said.includes(canaryOf(row)))).toEqual([]);
  });

  it("has what lies between rows and footer, where no reader looks", async () => {
    const end = 4 + groupsOf(old.bytes).reduce((sum, { byteLength }) => sum + byteLength, 0);
    const hidden = Buffer.from("a person hidden between");
    const bytes = Buffer.concat([old.bytes.subarray(0, end), hidden, old.bytes.subarray(end)]);
    expect((await contents(bytes)).includes(hidden)).toBe(true);
  });

  it("is told of no file that cannot be read", async () => {
    const damaged = new Uint8Array(old.bytes).fill(0x55, 4, 1_000);
    await expect(contents(damaged)).rejects.toThrow(PermanentError);
    await expect(contents(old.bytes.slice(0, -1))).rejects.toThrow(PermanentError);
  });
});

describe("counting without believing bounds", () => {
  it("finds who is where the bounds say that nobody is", async () => {
    // Each person's id is as long as the others, so that their bounds can be written over.
    const named = rows.slice(0, 40).map((row, index) => ({ ...row, user_id: `web:${1_000 + index}` }));
    const { bytes } = await inSmallGroups(named, 10);
    const lying = Buffer.from(bytes);
    const footer = lying.byteLength - 8 - lying.readUInt32LE(lying.byteLength - 8);
    for (const most of ["web:1009", "web:1019"])
      for (let at = lying.indexOf(most, footer); at >= 0; at = lying.indexOf(most, at + 1))
        lying.write("web:1000", at);
    const person = [{ user_id: "web:1005", generation: 3 }];
    expect(await removal.count(fileOf(lying), person)).toEqual(new Map());
    expect(await removal.count(fileOf(lying), person, "all")).toEqual(
      new Map([["web:1005", { rows: 1, staying: 0 }]]),
    );
  });
});
