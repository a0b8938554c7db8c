import { describe, expect, it } from "vitest";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { PermanentError, TransientError } from "../../../functions/core/domain/errors.ts";
import type { RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import { groupsOf } from "../../contract/parquet/raw-pages.ts";
import { inSmallGroups, remove } from "../../contract/parquet/removal-scenes.ts";
import { aLakeRow, fileOf } from "../../support/parquet/rows.ts";

const removal = createMessageRowRemoval();
const rows = Array.from({ length: 60 }, (_, index) =>
  aLakeRow({ user_id: `web:${String(index).padStart(2, "0")}`, timestamp: index }),
);
const old = await inSmallGroups(rows, 10);
const people = [{ user_id: "web:25", generation: 1 }];

describe("a removal that cannot be done", () => {
  const cuts = [0, 1, 11, 12, 1_000, old.byteLength / 2, old.byteLength - 1].map(Math.floor);

  it.each(cuts)("says that what was cut off after %i bytes is no such file", async (length) => {
    const cut = fileOf(old.bytes.slice(0, length));
    await expect(remove(removal, cut, people)).rejects.toThrow(PermanentError);
    await expect(removal.count(cut, people)).rejects.toThrow(PermanentError);
  });

  it("says so of a group that holds the person and is damaged", async () => {
    const group = groupsOf(old.bytes)[2];
    const bytes = new Uint8Array(old.bytes);
    const start = (group?.byteOffset ?? 0) - old.bytes.byteOffset;
    bytes.fill(0x55, start, start + (group?.byteLength ?? 0));
    await expect(remove(removal, fileOf(bytes), people)).rejects.toThrow(PermanentError);
    await expect(removal.count(fileOf(bytes), people)).rejects.toThrow(PermanentError);
    // Elsewhere it is copied as it is.
    const others = [{ user_id: "web:45", generation: 1 }];
    expect(await remove(removal, fileOf(bytes), others)).toMatchObject({ copied: 5, encoded: 1 });
  });

  it("does not take fewer bytes for a whole group", async () => {
    const short: RandomAccessFile = {
      byteLength: old.byteLength,
      slice: async (start, end) => {
        const bytes = await old.slice(start, end);
        return end === old.byteLength ? bytes : bytes.slice(0, -1);
      },
    };
    await expect(remove(removal, short, people)).rejects.toThrow("fewer bytes");
    await expect(remove(removal, short, [])).rejects.toThrow("fewer bytes");
    await expect(removal.count(short, people)).rejects.toThrow(PermanentError);
  });

  it("passes on what the store says, at whichever request", async () => {
    for (let fails = 1; ; fails++) {
      let asked = 0;
      const gone: RandomAccessFile = {
        byteLength: old.byteLength,
        slice: (start, end) =>
          ++asked === fails ? Promise.reject(new TransientError("S3 is away")) : old.slice(start, end),
      };
      const done = remove(removal, gone, people);
      if (fails > 4) {
        expect((await done).rows).toBe(59);
        return;
      }
      await expect(done).rejects.toThrow(TransientError);
    }
  });

  it("passes on what the sink says, and writes no further", async () => {
    let sunk = 0;
    const sink = async (): Promise<void> => {
      if (++sunk === 2) throw new TransientError("S3 takes no more");
    };
    await expect(removal.remove(old, people, sink, () => undefined)).rejects.toThrow(TransientError);
    expect(sunk).toBe(2);
  });

  it("waits for the sink", async () => {
    let isBusy = false;
    const sink = async (): Promise<void> => {
      expect(isBusy).toBe(false);
      isBusy = true;
      await new Promise((resolve) => setTimeout(resolve, 2));
      isBusy = false;
    };
    await removal.remove(old, people, sink, () => expect(isBusy).toBe(false));
  });
});
