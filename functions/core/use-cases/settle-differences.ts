import type { ShardReport } from "../contracts/repair-day.ts";
import type { Clock } from "../domain/clock.ts";
import { liveGeneration } from "../domain/fence.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { RowKey, StoredMessage } from "../domain/message.ts";
import { mayHaveExpired } from "../domain/retention.ts";
import { documentVersion } from "../domain/search-document.ts";
import type { DayIndex, IndexedDocument } from "../ports/day-index.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { MessageIndex } from "../ports/message-index.ts";
import type { MessageReader } from "../ports/message-store.ts";
import { keyOf, textOf } from "./index-stored.ts";

export interface SettleDeps {
  readonly dayIndex: DayIndex;
  readonly index: MessageIndex;
  readonly reader: MessageReader;
  readonly ledger: ErasureLedger;
  readonly keys: KeyChain;
  readonly clock: Clock;
  /** Told of each difference that could not be mended, without any id. */
  readonly reportUnmended: (reason: string) => void;
}

/** A missing document that the index says to hold at a higher version: for a minute it remembers what was removed. */
const REMOVED_NOW = "a document was removed a moment ago: compare again in a minute";

/** A key under which row and document seemed to differ; the row's side may have lagged. */
export interface Difference {
  readonly key: RowKey;
  readonly document?: IndexedDocument;
}

/** What a difference was, and whether it is mended. `none`: a second, strong look found none. */
export interface Settled {
  readonly kind: "none" | keyof Pick<ShardReport, "missing" | "older" | "newer" | "orphaned" | "outlived">;
  readonly isMended: boolean;
}

/** Looks at differences again, strongly, and mends them. One answer each, in order. */
export async function settleDifferences(
  differences: readonly Difference[],
  deps: SettleDeps,
): Promise<Settled[]> {
  if (differences.length === 0) return [];
  const tags = new Map(differences.map(({ key }) => [key.user_id, deps.keys.tag(key.user_id)]));
  const [rows, fences] = await Promise.all([
    deps.reader.byKeys(differences.map(({ key }) => key)),
    deps.ledger.fences([...new Set(tags.values())]),
  ]);
  const byKey = new Map(rows.map((row) => [textOf(keyOf(row)), row]));
  const now = deps.clock();

  const judged = differences.map(({ key, document }) => {
    const live = liveGeneration(fences.get(tags.get(key.user_id) ?? ""));
    const held = byKey.get(textOf(key));
    const row = held && held.generation >= live ? held : undefined;
    return { row, document, kind: kindOf(row, document, live, now) };
  });
  const toIndex = judged.flatMap(({ row, kind }) =>
    row && (kind === "missing" || kind === "older") ? [row] : [],
  );
  const toRemove = judged.flatMap(({ document, kind }) =>
    document && kind === "orphaned" ? [document] : [],
  );
  const indexed = resultsBy(toIndex, await deps.index.index(toIndex));
  const removed = resultsBy(toRemove, toRemove.length > 0 ? await deps.dayIndex.remove(toRemove) : []);

  return judged.map(({ row, document, kind }): Settled => {
    if (kind === "none" || kind === "outlived") return { kind, isMended: false };
    if (kind === "newer") {
      deps.reportUnmended(
        "a document is newer than its row: was the table restored? See the runbook on search",
      );
      return { kind, isMended: false };
    }
    const result = kind === "orphaned" ? document && removed.get(document) : row && indexed.get(row);
    const reason =
      result?.status === "failed"
        ? result.reason
        : kind === "missing" && result?.status === "current"
          ? REMOVED_NOW
          : undefined;
    if (reason !== undefined) deps.reportUnmended(reason);
    return { kind, isMended: result !== undefined && reason === undefined };
  });
}

function kindOf(
  row: StoredMessage | undefined,
  document: IndexedDocument | undefined,
  liveGenerationOfPerson: number,
  now: Date,
): Settled["kind"] {
  if (row) {
    if (document === undefined) return "missing";
    const ahead = documentVersion(document) - documentVersion(row);
    return ahead === 0 ? "none" : ahead < 0 ? "older" : "newer";
  }
  if (document === undefined) return "none";
  return document.generation >= liveGenerationOfPerson && mayHaveExpired(document, now)
    ? "outlived"
    : "orphaned";
}

const resultsBy = <K, R>(items: readonly K[], results: readonly R[]): ReadonlyMap<K, R | undefined> =>
  new Map(items.map((item, position) => [item, results[position]]));
