import { describe, expect, it } from "vitest";
import { PermanentError, TransientError } from "../../../functions/core/domain/errors.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { LakeRowFiles, RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import {
  aLakeRow,
  awkwardRows,
  collect,
  exactRow,
  fileOf,
  manyRows,
  stream,
  writtenBy,
} from "../../support/parquet/rows.ts";

/** What every writer and reader of lake rows holds to. */
export function lakeRowFilesSuite(name: string, files: LakeRowFiles): void {
  const written = (rows: AsyncIterable<LakeRow>) => writtenBy((sink) => files.write(rows, sink));

  describe(`LakeRowFiles: ${name}`, () => {
    it("gives back every value as it was, to the bit", async () => {
      const file = await written(stream(awkwardRows));
      expect(file.rows).toBe(awkwardRows.length);
      expect((await collect(files.read(file))).map(exactRow)).toEqual(awkwardRows.map(exactRow));
    });

    it("keeps 0 and -0 apart among many that are equal", async () => {
      const rows = Array.from({ length: 200 }, (_, index) =>
        aLakeRow({
          timestamp: index,
          sentiment_score: index % 3 === 0 ? 0 : -0,
          confidence_score: Number.NaN,
        }),
      );
      const file = await written(stream(rows));
      expect((await collect(files.read(file))).map(exactRow)).toEqual(rows.map(exactRow));
    });

    it.each([0, 1, 10_000, 10_001])("keeps %i rows and their order", async (count) => {
      const file = await written(manyRows(count));
      expect(file.rows).toBe(count);
      expect(await collect(files.read(file))).toEqual(await collect(manyRows(count)));
    });

    it("waits for the sink, and reads no further ahead than a group", async () => {
      let [pulled, waiting, mostAhead] = [0, false, 0];
      async function* watched(): AsyncGenerator<LakeRow> {
        for await (const row of manyRows(25_000)) {
          expect(waiting).toBe(false);
          pulled++;
          yield row;
        }
      }
      let sunk = 0;
      await files.write(watched(), async (chunk) => {
        expect(waiting).toBe(false);
        waiting = true;
        await new Promise((resolve) => setTimeout(resolve, 2));
        waiting = false;
        mostAhead = Math.max(mostAhead, pulled - sunk);
        if (chunk.byteLength > 1_000) sunk = pulled;
      });
      expect(mostAhead).toBeLessThanOrEqual(10_000);
    });

    it("holds no more than some megabytes of long texts", async () => {
      const content = "x".repeat(1_000_000);
      let [pulled, first] = [0, 0];
      async function* long(): AsyncGenerator<LakeRow> {
        for (let index = 0; index < 60; index++) {
          pulled++;
          yield aLakeRow({ timestamp: index, content });
        }
      }
      await files.write(long(), async (chunk) => {
        if (first === 0 && chunk.byteLength > 4) first = pulled;
      });
      expect(first).toBeLessThan(20);
    });

    it.each<[string, Partial<LakeRow>]>([
      ["content", { content: "a lone surrogate: \ud800" }],
      ["user_id", { user_id: undefined as unknown as string }],
      ["revision", { revision: 1 as unknown as bigint }],
      ["tokens_used", { tokens_used: 2n ** 63n }],
      ["timestamp", { timestamp: Number.NaN }],
      ["utc_day", { utc_day: 0.5 }],
      ["deleted", { deleted: "false" }],
    ])("refuses a %s that it could not give back, and says which", async (column, over) => {
      const rows = [aLakeRow({ timestamp: 0 }), { ...aLakeRow({ timestamp: 1 }), ...over } as LakeRow];
      const failed = files.write(stream(rows), async () => undefined);
      await expect(failed).rejects.toThrow(PermanentError);
      await expect(failed).rejects.toThrow(new RegExp(`messages\\.${column}, row 1|out of order`));
    });

    it.each<[string, Partial<LakeRow>[]]>([
      ["user", [{ user_id: "web:\u{1f642}" }, { user_id: "web:\ufb01" }]],
      ["time", [{ timestamp: 1 }, { timestamp: 0 }]],
      ["message", [{ message_id: "b" }, { message_id: "a" }]],
    ])("refuses rows that are out of the lake's order by %s", async (_, rows) => {
      const failed = files.write(stream(rows.map(aLakeRow)), async () => undefined);
      await expect(failed).rejects.toThrow(/row 1 is out of order/);
    });

    it("ends with the error of its source, and with the sink's", async () => {
      async function* broken(): AsyncGenerator<LakeRow> {
        yield* manyRows(3);
        throw new TransientError("the source is gone");
      }
      await expect(files.write(broken(), async () => undefined)).rejects.toThrow("the source is gone");
      const full = async () => Promise.reject(new TransientError("the sink is full"));
      await expect(files.write(manyRows(10_001), full)).rejects.toThrow("the sink is full");
    });

    it("says that a file is none of its files, cut off or damaged", async () => {
      const { bytes } = await written(manyRows(10_001));
      const cuts = [0, 1, 7, 11, 12, 1_000, Math.floor(bytes.length / 2), bytes.length - 1];
      const noFiles = [
        ...cuts.map((length) => bytes.slice(0, length)),
        Buffer.from("PAR1".repeat(100)),
        // Rows cut out from under a whole footer.
        Buffer.concat([bytes.slice(0, 4), bytes.slice(50_000)]),
      ];
      for (const noFile of noFiles)
        await expect(collect(files.read(fileOf(noFile)))).rejects.toThrow(PermanentError);
    });

    it("passes on what the store says, and fetches no more than the next group meanwhile", async () => {
      const file = await written(manyRows(35_000));
      let asked = 0;
      const watched: RandomAccessFile = {
        byteLength: file.byteLength,
        slice: (start, end) => {
          asked++;
          return asked > 3 ? Promise.reject(new TransientError("S3 is away")) : file.slice(start, end);
        },
      };
      let rows = 0;
      const reading = (async () => {
        for await (const _ of files.read(watched)) {
          rows++;
          // The footer, this group, the next one.
          expect(asked).toBeLessThanOrEqual(2 + Math.ceil(rows / 10_000));
        }
      })();
      await expect(reading).rejects.toThrow(TransientError);
      expect(rows).toBe(20_000);
    });
  });
}
