/** Types of node24.mjs, for the TypeScript that uses it. */

export function findNode(root: string, hostVersion?: string): string | undefined;
export function cloneEnvironment(
  root: string,
  node: string,
  given?: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined>;
