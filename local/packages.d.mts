/** Types of packages.mjs, for the TypeScript that uses it. */

export const INSTALL: readonly string[];
