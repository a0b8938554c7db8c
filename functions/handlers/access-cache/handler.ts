import {
  type AccessCacheOutput,
  accessCacheSchema,
  type CachedPerson,
} from "../../core/contracts/access-cache.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { type ErasureTarget, NOTHING_HELD, type StoreCounts } from "../../core/domain/erasure.ts";
import type { ErasureLedger } from "../../core/ports/erasure-ledger.ts";
import type { PersonalStore } from "../../core/ports/personal-store.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface AccessCacheHandlerDeps {
  readonly store: PersonalStore;
  scan(cursor: string): Promise<AccessCacheOutput["scan"]>;
  readonly ledger: ErasureLedger;
  readonly log: Log;
}

/** The cache is never held: what a legal hold keeps is copied elsewhere. */
const AT_ONCE = {
  hasTime: () => true,
  unheld: async (targets: readonly ErasureTarget[]) => targets,
};

/** Function `access-cache`: what an access report or a restore needs of the cache, from inside its network. */
export const createAccessCacheHandler =
  ({ store, scan, ledger, log }: AccessCacheHandlerDeps) =>
  async (input: unknown): Promise<AccessCacheOutput[keyof AccessCacheOutput]> => {
    const wanted = parse(accessCacheSchema, input);
    const { operation } = wanted;

    /** Of those who are fenced, in the order of all. */
    async function aboutFenced(
      people: readonly CachedPerson[],
      work: (targets: readonly ErasureTarget[]) => Promise<readonly StoreCounts[]>,
    ): Promise<{ counts: StoreCounts[] }> {
      const fences = await ledger.fences(people.map(({ lookup }) => lookup));
      const targets = people.flatMap(({ tags, lookup }) => {
        const fence = fences.get(lookup);
        return fence ? [{ user_id: lookup, tag: lookup, tags, ...fence }] : [];
      });
      const counts = await work(targets);
      const byPerson = new Map(targets.map(({ tag }, nth) => [tag, counts[nth]]));
      return { counts: people.map(({ lookup }) => byPerson.get(lookup) ?? NOTHING_HELD) };
    }

    return keepPrivate(log, "cache not accessed", { operation }, async () => {
      switch (wanted.operation) {
        case "scan":
          return scan(wanted.cursor);
        case "count":
          return aboutFenced(wanted.people, (targets) => store.verify(targets));
        case "erase":
          return aboutFenced(wanted.people, async (targets) => (await store.erase(targets, AT_ONCE)).removed);
        case "export": {
          const records: { name: string; value: unknown }[] = [];
          for await (const record of store.export({ user_id: "", tags: wanted.tags }))
            if (record.kind === "json") records.push({ name: record.name, value: record.value });
          return { records };
        }
      }
    });
  };
