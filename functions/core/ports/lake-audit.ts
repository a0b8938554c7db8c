/** Rows of an id that one object of the lake holds, all of one generation. */
export interface AuditedRows {
  /** Place of the id in the list that was asked for, from 0. */
  readonly id: number;
  /** Key of the object. */
  readonly object: string;
  readonly generation: number;
  readonly rows: number;
}

/** What a scan of the lake found. */
export interface AuditScan {
  readonly rows: readonly AuditedRows[];
  /** Objects that were there to be read. */
  readonly objects: number;
  /** Keys of objects in the lake's folders that no query reads, because they lie where no partition is. */
  readonly unread: readonly string[];
  readonly bytesScanned: number;
}

/** Looks through every row of the lake, current versions only, without asking which object holds whom. */
export interface LakeAudit {
  /**
   * Finds the rows of these ids; training logs hold keyed hashes, which are asked for like ids. Costs what the lake
   * costs to read, however many ids are asked for. No id is in the history of queries or in a result.
   * @throws TransientError | PermanentError | QueryFailedError
   */
  scan(ids: readonly string[]): Promise<AuditScan>;
}
