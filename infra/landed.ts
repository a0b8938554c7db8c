import { existsSync } from "node:fs";
import { join } from "node:path";

/** Whether a part of the product is in the tree already. */
export const hasLanded = (...path: readonly string[]): boolean =>
  existsSync(join(import.meta.dirname, "..", ...path));
