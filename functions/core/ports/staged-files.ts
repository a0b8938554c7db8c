/** What Spark left in `staging/`. */
export interface StagedFiles {
  /** Keys that begin with a prefix, in the order of their bytes. @throws TransientError | PermanentError */
  keys(prefix: string): Promise<string[]>;
}
