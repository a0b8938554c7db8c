import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { IdSearch } from "../../../../functions/core/use-cases/erasure/id-search.ts";
import { cpuMilliseconds } from "../../../support/cpu-time.ts";

/** Ids that begin alike no further than their channel. */
const webIds = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `web:${createHash("md5").update(String(n)).digest("hex")}`);
/** As Parquet writes texts. */
const counted = (id: string): Buffer => {
  const bytes = Buffer.from(id);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const foundIn = (bytes: Buffer, ids: readonly string[], block = bytes.length): string[] => {
  const search = new IdSearch(ids);
  for (let at = 0; at < bytes.length; at += block) search.add(bytes.subarray(at, at + block));
  return [...search.found].sort();
};

describe("a search for ids in bytes", () => {
  it.each([3, 7, 64, 4096])("finds many ids of many channels in blocks of %i bytes", (block) => {
    const others = Array.from({ length: 40 }, (_, n) => `c${n}:+12${n}`);
    const ids = [...webIds(50), ...others, "whatsapp:+123", 'odd:"}', "odd:\u{1F600}"];
    const [absent = "", ...present] = ids;
    const bytes = Buffer.concat(
      present.flatMap((id, n) => [
        Buffer.from("between "),
        n % 2 === 0 ? counted(id) : Buffer.from(`{"user_id":${JSON.stringify(id)}}`),
      ]),
    );
    const near = Buffer.from(`"${absent}4" "x${absent}" ${absent}`);
    expect(foundIn(Buffer.concat([near, bytes, near]), ids, block)).toEqual(present.sort());
  });

  it("takes no longer for thousands than for a few, whatever their channel", () => {
    const bytes = Buffer.alloc(1_000_000);
    const rows = webIds(10_000);
    for (let at = 0, n = 0; at < bytes.length - 64; at += 64, n++)
      bytes.write(`{"user_id":"${rows[n % 9_999]}"}`, at);
    const wanted = [...webIds(14_000).slice(10_000), rows[7] ?? ""];
    // A search for each of them takes five seconds.
    const search = () => expect(foundIn(bytes, wanted)).toEqual([rows[7]]);
    expect(cpuMilliseconds(search)).toBeLessThan(1000);
  });
});
