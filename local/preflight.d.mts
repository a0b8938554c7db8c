/** Types of preflight.mjs, for the TypeScript that uses it. */

export function parseVersion(output: string): number[] | undefined;
export function isAtLeast(version: readonly number[], minimum: readonly number[]): boolean;
export function nodeProblem(version: string): string | undefined;
export function pythonProblem(output: string | undefined, hasVenv: boolean): string | undefined;
export function mavenProblem(output: string | undefined): string | undefined;
export function memoryProblem(bytes: number): string | undefined;
export function diskProblem(freeBytes: number, folder: string, neededGigabytes: number): string | undefined;
export function findMachineProblems(
  folder: string,
  options: { readonly toInstall: boolean },
): Promise<string[]>;
