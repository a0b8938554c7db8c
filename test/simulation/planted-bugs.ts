import type { ExportDeps } from "../../functions/core/use-cases/export-day-object.ts";
import type { FakeLake } from "../support/fakes/fake-lake.ts";

/** Wrong on purpose: each is a bug that the simulation must find. */
export type PlantedBug =
  | "no If-Match"
  | "index after commit"
  | "no fence check"
  | "upload not recorded"
  | "absence is deletion"
  | "abort that does nothing"
  | "marks taken at the commit"
  | "clean without settling"
  | "mark after the row";

/** What an export is wired to, with a bug between it and the stores. */
export function withBug(deps: ExportDeps, lake: FakeLake, bug: PlantedBug | undefined): ExportDeps {
  const { days, people, files } = deps;
  switch (bug) {
    case "index after commit": {
      const later: (() => Promise<number>)[] = [];
      return {
        ...deps,
        people: over(people, {
          add: async (key, entries) => {
            later.push(() => people.add(key, entries));
            return entries.length;
          },
        }),
        days: over(days, {
          record: async (entry) => {
            for (const add of later.splice(0)) await add();
            return days.record(entry);
          },
        }),
      };
    }
    case "no fence check":
      return {
        ...deps,
        days: over(days, {
          recordUpload: async (entry) =>
            days.recordUpload({ ...entry, fenceSequence: await days.fenceSequence() }),
        }),
      };
    case "upload not recorded":
      return {
        ...deps,
        days: over(days, {
          recordUpload: async ({ fenceSequence }) =>
            fenceSequence === (await days.fenceSequence()) ? "recorded" : "overtaken",
          record: async (entry) => {
            const fenceSequence = await days.fenceSequence();
            if (entry.upload) await days.recordUpload({ ...entry, upload: entry.upload, fenceSequence });
            return days.record(entry);
          },
        }),
      };
    case "absence is deletion":
      return {
        ...deps,
        files: over(files, {
          read: async function* (file) {
            await file.slice(0);
            yield* [];
          },
        }),
      };
    case "marks taken at the commit":
      return {
        ...deps,
        days: over(days, {
          record: async (entry) => {
            const { marks } = await days.read(entry.day);
            const now = Object.fromEntries(marks.map(({ shard, mark }) => [String(shard), mark]));
            const manifest = { ...entry.manifest, marks: now, readAt: lake.now.toISOString() };
            return days.record({ ...entry, manifest });
          },
        }),
      };
    default:
      return deps;
  }
}

/** The port with some methods replaced. */
export const over = <T extends object>(port: T, methods: Partial<T>): T =>
  new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(property in methods ? methods : target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
