import {
  addCounts,
  type ErasureSubject,
  isNothing,
  NOTHING_HELD,
  type StoreCounts,
} from "../../functions/core/domain/erasure.ts";
import { type ErasableStoreName, storesOf } from "../../functions/core/domain/personal-stores.ts";
import type { ErasureRequest, PersonState } from "../../functions/core/ports/erasure-requests.ts";
import { alignColumns } from "../metrics/table.ts";

const COLUMNS = ["items", "objects", "versions", "rows", "bytes"] as const;

/** A plan: what would go from which store, what it costs, and what to do next. */
export function formatPlan({ request_id, people, plan, expires_at }: ErasureRequest): string {
  if (plan === undefined) return `${request_id} is not planned yet`;
  const counts = Object.entries(plan.stores);
  const decisions =
    plan.undecided > 0
      ? `${plan.undecided} ids belonged to somebody else, too: npx hilo erase undecided ${request_id} names them; decide with --include or --exclude and plan again`
      : `approve and run it with: npx hilo erase start ${request_id} --approve`;
  return [
    ...countTable(counts),
    "",
    `${people} ${people === 1 ? "person" : "people"}${plan.held > 0 ? `, ${plan.held} of them under a legal hold` : ""}; about $${plan.cost_usd.toFixed(4)} and ${duration(plan.seconds)}; nothing was changed`,
    `${request_id} expires ${expires_at.slice(0, 16).replace("T", " ")}; ${decisions}`,
  ].join("\n");
}

/** Ids that need a decision, a line each. */
export function formatUndecided(subjects: readonly ErasureSubject[]): string {
  const lines = subjects.flatMap(({ person, undecided = [] }) =>
    undecided.map((id) => `person ${person}  ${id}`),
  );
  return [...lines, `${lines.length} undecided`].join("\n");
}

/** How a request is doing, a line a store. */
export function formatRequest(request: ErasureRequest, people: readonly PersonState[]): string {
  const stores = Object.entries(request.stores);
  return [
    `${request.request_id}  ${request.status}  ${request.people} ${request.people === 1 ? "person" : "people"}${request.held > 0 ? `, ${request.held} held` : ""}`,
    ...alignColumns(
      stores.map(([store, { status, error = "" }]) => {
        const name = store as ErasableStoreName;
        return [
          `  ${store}`,
          status,
          `${amount(sum(people, "before", name))} before`,
          `${amount(sum(people, "after", name))} after`,
          error,
        ];
      }),
      ["left", "left", "right", "right", "left"],
    ),
  ].join("\n");
}

/** A line for a list of requests. */
export const formatRequestLine = ({ request_id, status, people, created_at, held }: ErasureRequest): string =>
  `${request_id}  ${status.padEnd(9)}  ${String(people).padStart(6)} people${held > 0 ? `, ${held} held` : ""}  since ${created_at.slice(0, 16).replace("T", " ")}`;

/** What a terminal shows while it runs. */
export function progressOf({ status, stores }: ErasureRequest): string {
  const states = Object.values(stores);
  const verified = states.filter((state) => state.status === "verified").length;
  return states.length === 0 ? status : `${status}: ${verified} of ${storesOf().length} stores verified`;
}

function countTable(counts: readonly (readonly [string, StoreCounts])[]): string[] {
  const shown = counts.filter(([, one]) => !isNothing(one));
  const total = counts.reduce((all, [, one]) => addCounts(all, one), NOTHING_HELD);
  const rows = [...shown, ["together", total] as const].map(([name, one]) => [
    name,
    ...COLUMNS.map((column) => (one[column] === 0 ? "-" : one[column].toLocaleString("en"))),
  ]);
  return alignColumns([["", ...COLUMNS], ...rows], ["left", "right", "right", "right", "right", "right"]);
}

const sum = (
  people: readonly PersonState[],
  kind: "before" | "after",
  store: ErasableStoreName,
): StoreCounts =>
  people.reduce((all, person) => addCounts(all, person[kind][store] ?? NOTHING_HELD), NOTHING_HELD);

/** Things of which a person has some: rows inside of objects, else items, else objects. */
const amount = ({ items, rows, objects, versions }: StoreCounts): string =>
  String(rows || items || objects || versions);

const duration = (seconds: number): string =>
  seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`;
