import type { ErasureRequests } from "../../core/ports/erasure-requests.ts";
import {
  COUNT_FIELDS,
  type CountKind,
  countsAttribute,
  personKey,
  removedAttribute,
} from "./erasure-request-items.ts";
import type { TransactItem } from "./transact.ts";

type Counted = Parameters<ErasureRequests["putCounts"]>[2][number];

/** One update a person that takes their counts over: `before` where there is none, `removed` added, the others set. */
export function countsUpdates(
  table: string,
  requestId: string,
  kind: CountKind,
  counted: readonly Counted[],
): TransactItem[] {
  const people = Map.groupBy(counted, ({ person }) => person);
  return [...people].map(([person, counts]) => {
    const parts = counts.map((one, index) => partOf(kind, one, index));
    const clauses = parts.flatMap(({ clauses }) => clauses).join(", ");
    return {
      Update: {
        TableName: table,
        Key: personKey(requestId, person),
        UpdateExpression: `${kind === "removed" ? "ADD" : "SET"} ${clauses}`,
        ExpressionAttributeNames: Object.assign({}, ...parts.map(({ names }) => names)),
        ExpressionAttributeValues: Object.assign({}, ...parts.map(({ values }) => values)),
      },
    };
  });
}

interface Part {
  readonly clauses: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

function partOf(kind: CountKind, { store, counts }: Counted, index: number): Part {
  if (kind === "removed") {
    const fields = COUNT_FIELDS.map((field, number) => ({ field, at: `a${index}_${number}` }));
    return {
      clauses: fields.map(({ at }) => `#${at} :${at}`),
      names: Object.fromEntries(fields.map(({ field, at }) => [`#${at}`, removedAttribute(store, field)])),
      values: Object.fromEntries(fields.map(({ field, at }) => [`:${at}`, counts[field]])),
    };
  }
  const at = `a${index}`;
  const value = kind === "before" ? `if_not_exists(#${at}, :${at})` : `:${at}`;
  return {
    clauses: [`#${at} = ${value}`],
    names: { [`#${at}`]: countsAttribute(kind, store) },
    values: { [`:${at}`]: counts },
  };
}
