/** What one check found; without `fault` all is well. */
export interface Finding {
  readonly check: string;
  readonly detail?: string;
  readonly fault?: { readonly cause: string; readonly remedy: string };
}

/** One thing to look at: says a detail worth knowing, or throws what is wrong. */
export interface Check {
  readonly name: string;
  run(): Promise<string | undefined>;
}

/** Something is there but not as it must be. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly remedy: string;

  constructor(cause: string, remedy: string) {
    super(cause);
    this.remedy = remedy;
  }
}
