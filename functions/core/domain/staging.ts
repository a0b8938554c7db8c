import { PermanentError } from "./errors.ts";

/** Folder in which a job stages a day, one folder a run. */
export const stagingFolder = (job: string, day: string): string => `staging/${job}/${day}/`;

/** Name of a run's folder: when what it read was taken, and something that no other run has. They sort by time. */
export const stagedRun = (takenAt: string, unique: string): string =>
  `${takenAt.replaceAll(/[-:.]/g, "")}-${unique}`;

const RUN = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-/;

/** When what a run read was taken. ISO 8601, ms, UTC. @throws PermanentError when the name is none of a run */
export function runTakenAt(run: string): string {
  const [, year, month, day, hour, minute, second, millisecond] = RUN.exec(run) ?? [];
  if (year === undefined) throw new PermanentError("staging: a folder is named as no run is");
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`;
}

/** The latest run that was finished, which Spark marks with an empty `_SUCCESS`, and its files in order. */
export function latestRun(
  folder: string,
  keys: readonly string[],
  marker: string,
): { readonly run: string; readonly keys: readonly string[] } | undefined {
  const finished = keys.filter((key) => key.startsWith(folder) && key.endsWith(`/${marker}`));
  const run = finished
    .map((key) => key.slice(folder.length).split("/")[0] ?? "")
    .sort()
    .at(-1);
  return run === undefined
    ? undefined
    : { run, keys: keys.filter((key) => key.startsWith(`${folder}${run}/`)) };
}

/** Data files of one folder, in the order in which Spark sorted them. */
export const partsIn = (keys: readonly string[], folder: string): string[] =>
  keys
    .filter((key) => key.startsWith(folder) && /^part-[^/]*\.parquet$/.test(key.slice(folder.length)))
    .sort();
