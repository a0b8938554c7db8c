/** Folders of the lake that are partitioned by day and hold people's rows. */
export const DAILY_FOLDERS = ["conversations/", "analytics/user_behavior/daily/", "logs/"] as const;

/** First and last year whose partitions the catalog computes: what lies beyond no query sees. */
export const LAKE_YEARS = { first: 2020, last: 2035 } as const;

/** Below the folder; names that begin with `_` or `.` are no data to Athena. */
const DAY_FILE = /^year=(\d{4})\/month=\d{2}\/day=\d{2}\/[^/_.][^/]*$/;

/** Years of a folder's objects that queries read, and the objects that none reads. */
export function splitByYear(
  folder: string,
  keys: readonly string[],
): { readonly years: readonly number[]; readonly unread: readonly string[] } {
  const years = new Set<number>();
  const unread: string[] = [];
  for (const key of keys) {
    const year = Number(DAY_FILE.exec(key.slice(folder.length))?.[1] ?? Number.NaN);
    if (year >= LAKE_YEARS.first && year <= LAKE_YEARS.last) years.add(year);
    else unread.push(key);
  }
  return { years: [...years].sort((a, b) => a - b), unread };
}
