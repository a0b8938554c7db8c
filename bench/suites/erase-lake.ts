import { BenchLake, type ObjectCalls } from "../erase-lake-stores.ts";
import { atLeast, atMost, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 9;
/** People of a day; each writes one message a day. */
const A_DAY = 1_000;
const DAYS = 30;
const MANY_DAYS = 300;
const CROWD = 1_000;
/** Days on which each of the crowd wrote. */
const DAYS_EACH = 3;

/** Erasing people from the whole lake: what it costs as the lake grows, and one request for many against one for each. */
export async function benchEraseLake(): Promise<Result[]> {
  return [...(await growth()), await together()];
}

/** A person of 30 messages in a lake of 30 days, and of 300. */
async function growth(): Promise<Result[]> {
  const [small, large] = [new BenchLake(), new BenchLake()];
  const people = range(0, A_DAY);
  for (let day = 0; day < MANY_DAYS; day++) {
    if (day < DAYS) await small.addDay(day, people, 1);
    // The people of the last 30 days; others before.
    await large.addDay(day, day < DAYS ? people : range(A_DAY, A_DAY), 1);
  }
  const calls: Record<string, ObjectCalls> = {};
  const erased = new Map<BenchLake, number>();
  const eraseNext = async (name: string, lake: BenchLake): Promise<number> => {
    const person = erased.get(lake) ?? 0;
    erased.set(lake, person + 1);
    const done = await lake.erase([person]);
    calls[name] = done;
    return done.ms;
  };
  const time = await interleave(
    {
      small: () => eraseNext("small", small),
      large: () => eraseNext("large", large),
    },
    ROUNDS,
  );
  const [few, many] = [calls["small"], calls["large"]];
  if (!few || !many) throw new Error("nothing was erased");
  const ratio = spreadOf(ratios(time.large, time.small));
  const touched = (one: ObjectCalls): string =>
    `${one.read} read, ${one.written} written, ${one.calls} calls`;
  return [
    {
      what: `objects touched to erase a person of ${DAYS} messages from a lake of ${MANY_DAYS} days`,
      measured: touched(many),
      against: `of ${DAYS} days: ${touched(few)}`,
      target: { text: "equal", met: touched(few) === touched(many) },
      figures: { ...prefixed("few", few), ...prefixed("many", many) },
    },
    {
      what: "time of it: count, removal and verification, files real, stores in memory",
      measured: spreadText(spreadOf(time.large), " ms"),
      against: `of ${DAYS} days: ${spreadText(spreadOf(time.small), " ms")}, ${spreadText(ratio, " ×")}`,
      target: atMost(1.2, ratio.median, " ×"),
      figures: { small: spreadOf(time.small), large: spreadOf(time.large), ratio },
    },
  ];
}

/** A thousand people of three days each, among as many others. */
async function together(): Promise<Result> {
  const written: number[] = [];
  for (const requests of [1, CROWD]) {
    const lake = new BenchLake();
    for (let day = 0; day < DAYS; day++) {
      const writers = range(0, CROWD).filter((person) => (day - person) % (DAYS / DAYS_EACH) === 0);
      await lake.addDay(day, [...writers, ...range(CROWD, 100)], 1);
    }
    const size = CROWD / requests;
    let count = 0;
    for (let start = 0; start < CROWD; start += size) count += (await lake.erase(range(start, size))).written;
    written.push(count);
  }
  const [one = 0, each = 0] = written;
  return {
    what: `object rewrites to erase ${number(CROWD)} people of ${DAYS_EACH} days each from ${DAYS} days, one request`,
    measured: number(one),
    against: `${number(CROWD)} requests: ${number(each)}`,
    target: atLeast(20, each / one, " ×"),
    figures: { one, each },
  };
}

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n);

const prefixed = (name: string, { read, written, calls }: ObjectCalls): Record<string, number> => ({
  [`${name} read`]: read,
  [`${name} written`]: written,
  [`${name} calls`]: calls,
});
