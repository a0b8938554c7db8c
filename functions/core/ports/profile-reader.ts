import type { Profile } from "../domain/profile.ts";

/** Reads what Hilo knows of a person. */
export interface ProfileReader {
  /**
   * The profile written in `generation` or later; `undefined` where there is none.
   * @throws TransientError | PermanentError when the store cannot be read
   */
  get(userId: string, generation: number): Promise<Profile | undefined>;
}
