import { priceUsage, sumOf } from "../../test/support/cost/price-usage.ts";
import { priceOf } from "../../test/support/cost/prices.ts";
import { invocationsOf, storeRequestsOf, type Usage } from "../../test/support/cost/usage.ts";
import { conversationBatches, peopleIn, tens } from "../pipeline-events.ts";
import { atMost, number, type Result } from "../result.ts";
import type { Workload } from "../workload.ts";

const ROUNDS = 10;
/** Messages that are sent one in an execution. */
const ALONE = 40;
const MILLION = 1_000_000;
const TARGET = 1 / 8;

/** What a batch costs beside one execution a message, counted on the deployed pipeline; and what its orchestration costs. */
export async function benchWorkflow(workload: Workload): Promise<Result[]> {
  // Both kinds of people have written before, and the functions are warm.
  for (const people of ["one", "ten"] as const)
    await workload.batches(tens({ name: people, rounds: 1, people }));
  const ofOne = await workload.batches(fresh("one-person", "one"), { apart: true });
  const ofTen = await workload.batches(fresh("ten-people", "ten"), { apart: true });
  const alone = await workload.batches(
    fresh("alone", "ten")
      .flat()
      .slice(0, ALONE)
      .map((event) => [event]),
    { apart: true },
  );
  const chat = conversationBatches({ seed: 11, users: 30, messages: 300, size: 10 });
  const ofChat = await workload.batches(chat, { apart: true });
  const queued = conversationBatches({ seed: 12, users: 30, messages: 300, size: 300 }).flat();
  const fromQueue = await workload.queue(queued);
  return [
    ...compare("of ten people", per(ofTen, 10 * ROUNDS), per(alone, ALONE)),
    ...compare("of one person", per(ofOne, 10 * ROUNDS), per(alone, ALONE)),
    ...compare(
      `of conversations, ${number(peopleIn(chat))} people each`,
      per(ofChat, 300),
      per(alone, ALONE),
    ),
    {
      what: "messages in an execution, read from a queue with a backlog",
      measured: number(queued.length / fromQueue.workflow.executions),
      against: "at most 10, what the router reads at once",
      figures: { messages: queued.length, executions: fromQueue.workflow.executions },
    },
    orchestration("batches of 10", ofTen, 10 * ROUNDS, 1),
    orchestration("batches of 1", alone, ALONE, undefined),
  ];
}

/** Ten batches of people who have not written before. */
const fresh = (name: string, people: "one" | "ten") => tens({ name, rounds: ROUNDS, people });

interface PerMessage {
  readonly transitions: number;
  readonly invocations: number;
  readonly requests: number;
}

const per = (usage: Usage, messages: number): PerMessage => ({
  transitions: usage.workflow.transitions / messages,
  invocations: invocationsOf(usage) / messages,
  requests: storeRequestsOf(usage) / messages,
});

function compare(whose: string, batch: PerMessage, alone: PerMessage): Result[] {
  const row = (what: string, name: keyof PerMessage): Result => {
    const ratio = batch[name] / alone[name];
    return {
      what: `${what} a message, batches of 10 ${whose}`,
      measured: `${number(batch[name])}; 1/${number(1 / ratio)}`,
      against: `one execution a message: ${number(alone[name])}`,
      target: { ...atMost(TARGET, ratio), text: "≤ 1/8" },
      figures: { batch: batch[name], alone: alone[name], ratio },
    };
  };
  return [
    row("state transitions", "transitions"),
    row("function invocations", "invocations"),
    row("requests to stores", "requests"),
  ];
}

/** Express executions by number and time, priced for a million messages; the functions they call are not in it. */
function orchestration(what: string, usage: Usage, messages: number, limit: number | undefined): Result {
  const scale = MILLION / messages;
  const lines = priceUsage(usage, { fifo: 0 }).filter(({ service }) => service === "Step Functions");
  const usd = scale * sumOf(lines);
  const standard = priceOf(
    "states.standard-transition",
    MILLION * (usage.workflow.transitions / usage.workflow.executions),
  );
  const { executions, milliseconds } = usage.workflow;
  return {
    what: `orchestration of a million messages, ${what}`,
    measured: `$${number(usd)}: ${number(executions * scale)} executions of ${number(milliseconds / executions)} ms here`,
    against: `Standard, one execution a message: $${number(standard)}`,
    ...(limit !== undefined && { target: { ...atMost(limit, usd), text: `≤ $${limit}` } }),
    figures: { usd, standard, executions: executions * scale, milliseconds: milliseconds / executions },
  };
}
