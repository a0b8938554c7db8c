import { describe, expect, it } from "vitest";
import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { messageFiles } from "../../../functions/core/use-cases/erasure/parquet-people.ts";
import { indexedFile } from "../../contract/parquet/indexed-file.ts";
import { aLakeRow, fileOf, stream, writtenBy } from "../../support/parquet/rows.ts";

const ANA = "whatsapp:+34600000001";
const BEA = "whatsapp:+34600000002";
const files = messageFiles(MESSAGES, createMessageRowRemoval());

describe.each(["hyparquet", "parquetjs"] as const)("ids in a file of %s", (writer) => {
  const idsIn = async (over: Parameters<typeof aLakeRow>[0]) => {
    const { bytes } = await writtenBy((sink) =>
      createLakeRowFiles(writer).write(stream([aLakeRow({ user_id: BEA, ...over })]), sink),
    );
    return [...(await files.idsIn(fileOf(bytes), [ANA]))];
  };

  it("are not what somebody else wrote to the bot", async () => {
    expect(await idsIn({ content: ANA })).toEqual([]);
    expect(await idsIn({ message_id: ANA })).toEqual([]);
    expect(await idsIn({ metadata_other: JSON.stringify({ friend: ANA }) })).toEqual([]);
  });

  it("are those of people", async () => {
    expect(await idsIn({ user_id: ANA })).toEqual([ANA]);
  });
});

describe("ids in a file with an index of its pages", () => {
  const rows = (over: (n: number) => Parameters<typeof aLakeRow>[0]) =>
    indexedFile(
      MESSAGES,
      Array.from({ length: 100 }, (_, n) => aLakeRow({ user_id: BEA, message_id: `m${n}`, ...over(n) })),
      100,
    );

  it("are not the bounds of another column's pages", async () => {
    const file = rows((n) => ({ content: n === 50 ? ANA : `what about ${n}?` }));
    expect([...(await files.idsIn(file, [ANA]))]).toEqual([]);
  });

  it("are those of people", async () => {
    expect([
      ...(await files.idsIn(
        rows((n) => (n === 50 ? { user_id: ANA } : {})),
        [ANA],
      )),
    ]).toEqual([ANA]);
  });
});
