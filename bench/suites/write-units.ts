import { total, type Usage } from "../../test/support/cost/usage.ts";
import { aMessage } from "../pipeline-events.ts";
import { atMost, number, type Result } from "../result.ts";
import type { Workload } from "../workload.ts";

const TEXT_BYTES = 1_024;
const LIMIT = 18;

/** Write units of DynamoDB for a message with a text of 1 KB, as each request said what it took. */
export async function benchWriteUnits(workload: Workload): Promise<Result[]> {
  const person = (name: string, count: number, analysed: boolean, first = 0) =>
    Array.from({ length: count }, (_, index) =>
      aMessage(`units-${name}`, `units-${name}-${first + index}`, { bytes: TEXT_BYTES, analysed }),
    );
  const first = await workload.batches([person("known", 1, true)]);
  const next = await workload.batches([person("known", 1, true, 1)]);
  const ten = await workload.batches([person("known", 10, true, 2)]);
  await workload.batches([person("fresh", 1, false)]);
  const analysed = await workload.batches([person("fresh", 1, false, 1)]);
  const late = await workload.batches([
    [aMessage("units-known", "units-late", { bytes: TEXT_BYTES, analysed: true, daysAgo: 2 })],
  ]);
  const tenAnalysed = await workload.batches([person("fresh", 10, false, 2)]);
  return [
    row("next message of a person, stored", next, 1, true),
    row("first message of a person, stored", first, 1, true),
    row("ten messages of a person, stored", ten, 10, true),
    row("message of a past day, stored", late, 1, false),
    row("next message of a person, stored and analysed", analysed, 1, true),
    row("ten messages of a person, stored and analysed", tenAnalysed, 10, true),
  ];
}

function row(what: string, { writeUnits, refused }: Usage, messages: number, isTarget: boolean): Result {
  const units = total(writeUnits) / messages;
  if (total(refused) > 0) throw new Error(`requests were refused: ${JSON.stringify(refused)}`);
  const parts = Object.entries(writeUnits).map(([of, count]) => `${of} ${number(count / messages)}`);
  return {
    what: `write units of a message with a text of 1 KB: ${what}`,
    measured: `${number(units)} a message`,
    against: parts.join(", "),
    ...(isTarget && { target: atMost(LIMIT, units) }),
    figures: { units, ...writeUnits },
  };
}
