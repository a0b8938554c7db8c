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

/** What an erasure puts into the folder of a run that it takes files from. */
const TAKEN_FROM = "_ERASED";
const RUN_FOLDER = /^staging\/[^/]+\/\d{4}-\d\d-\d\d\/[^/]+\//;

/** The mark of the run that a file is of: an erasure takes what is staged by then, and Spark goes on. `undefined`: of none. */
export const takenFromMark = (key: string): string | undefined => {
  const folder = RUN_FOLDER.exec(key)?.[0];
  return folder && `${folder}${TAKEN_FROM}`;
};

/**
 * The latest run that was finished, which Spark marks with an empty `_SUCCESS`, and its files in order. One that an
 * erasure took files from is not whole, whatever Spark says.
 */
export function latestRun(
  folder: string,
  keys: readonly string[],
  marker: string,
): { readonly run: string; readonly keys: readonly string[] } | undefined {
  const finished = keys.filter((key) => key.startsWith(folder) && key.endsWith(`/${marker}`));
  const run = finished
    .map((key) => key.slice(folder.length).split("/")[0] ?? "")
    .filter((run) => !keys.includes(`${folder}${run}/${TAKEN_FROM}`))
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
