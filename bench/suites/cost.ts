import { synthesise } from "../../test/infra/synthesise.ts";
import { monthlyCosts } from "../../test/support/cost/fixed-costs.ts";
import { type BillLine, priceUsage, sumOf } from "../../test/support/cost/price-usage.ts";
import { priceOf } from "../../test/support/cost/prices.ts";
import type { Usage } from "../../test/support/cost/usage.ts";
import { conversationBatches } from "../pipeline-events.ts";
import { number, type Result } from "../result.ts";
import type { Workload } from "../workload.ts";

const A_MONTH = 30_000;
const MILLION = 1_000_000;
/** Messages of each run: as many come one at a time as in batches, with all repairs done in between. */
const MESSAGES = 100;

/** What messages cost on top of what is paid by the month, and what is paid by the month. */
export async function benchCost(workload: Workload): Promise<Result[]> {
  const batches = (size: number, seed: number) =>
    conversationBatches({ seed, users: 20, messages: MESSAGES, size });
  // Warm functions, as in most invocations; their conversations are others.
  await workload.batches(batches(10, 20).slice(0, 2));
  const alone = await workload.batches(batches(1, 21), { apart: true });
  const tens = await workload.batches(batches(10, 22), { apart: true });
  const metrics = new Set([...alone.metrics, ...tens.metrics]).size;
  return [
    ...variable("one at a time", alone, MESSAGES),
    ...variable("batches of 10", tens, MESSAGES / 10),
    ...(["lean", "standard"] as const).map((stage) => fixed(stage, metrics)),
  ];
}

/** @param deliveries batches, each sent, received and deleted once */
function variable(what: string, usage: Usage, deliveries: number): Result[] {
  const lines = priceUsage(usage, { fifo: 3 * deliveries });
  const services = Map.groupBy(lines, ({ service }) => service);
  const row = (service: string, own: readonly BillLine[]): Result => {
    const usd = sumOf(own) / MESSAGES;
    return {
      what: `${service}, ${what}`,
      measured: `$${price(A_MONTH * usd)} for 30,000 messages, $${price(MILLION * usd)} a million`,
      against: own.map(({ item, quantity }) => `${number(quantity / MESSAGES)} ${item}`).join(", "),
      figures: {
        month: A_MONTH * usd,
        million: MILLION * usd,
        ...Object.fromEntries(own.map(({ item, quantity }) => [item, quantity / MESSAGES])),
      },
    };
  };
  return [...[...services].map(([service, own]) => row(service, own)), row(`all by use`, lines)];
}

function fixed(stage: "lean" | "standard", metrics: number): Result {
  const lines = [
    ...monthlyCosts(synthesise(stage).resources),
    { service: "CloudWatch", item: `${metrics} × metric`, usd: priceOf("cloudwatch.metric", metrics) },
  ];
  return {
    what: `by the month, ${stage}`,
    measured: `$${price(sumOf(lines))}`,
    against: lines.map(({ service, item, usd }) => `${service} ${item} $${price(usd)}`).join(", "),
    figures: {
      ...Object.fromEntries(lines.map(({ service, item, usd }) => [`${service} ${item}`, usd])),
      total: sumOf(lines),
    },
  };
}

const price = (usd: number): string => usd.toFixed(usd < 0.1 ? 4 : 2);
