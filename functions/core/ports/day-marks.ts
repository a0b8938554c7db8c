/** Remembers which days of the lake no longer say what the rows say. */
export interface DayMarks {
  /**
   * Bumps the mark of a shard (0 to 15) of a day (`YYYY-MM-DD`) and makes it dirty. Always before the row is written.
   * @throws TransientError | PermanentError: then the row must not be written
   */
  bump(day: string, shard: number): Promise<void>;
}
