import type { StoresOf } from "../../domain/personal-stores.ts";

/**
 * `own`: each object is one person's. `shared`: an object holds many people. `copies`: made again, or of another time, so
 * that they are never restored.
 */
type FolderKind = "own" | "shared" | "copies";

/** Folders of the bucket by store. */
export const BUCKET_FOLDERS = {
  lake: { kind: "shared", prefixes: ["conversations/"] },
  "user-behavior": { kind: "shared", prefixes: ["analytics/user_behavior/"] },
  // Names nobody by an id: after those that do.
  "training-logs": { kind: "shared", prefixes: ["logs/"] },
  media: { kind: "own", prefixes: ["media/"] },
  "quarantine-bodies": { kind: "own", prefixes: ["quarantine/"] },
  "tool-results": { kind: "own", prefixes: ["tool-results/"] },
  backups: { kind: "copies", prefixes: ["backups/"] },
  holds: { kind: "copies", prefixes: ["holds/"] },
  passing: { kind: "copies", prefixes: ["athena-results/", "raw-exports/", "staging/"] },
} as const satisfies Readonly<
  Record<
    StoresOf<"objects">,
    { readonly kind: FolderKind; readonly prefixes: readonly [string, ...string[]] }
  >
>;

/** All folders of a kind, each with its store. */
export const foldersOf = (
  kind: FolderKind,
): { readonly store: StoresOf<"objects">; readonly prefix: string }[] =>
  (Object.keys(BUCKET_FOLDERS) as StoresOf<"objects">[]).flatMap((store) =>
    BUCKET_FOLDERS[store].kind === kind
      ? BUCKET_FOLDERS[store].prefixes.map((prefix) => ({ store, prefix }))
      : [],
  );
