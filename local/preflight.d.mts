/** Types of preflight.mjs, for the TypeScript that uses it. */

export interface PortUse {
  readonly port: number;
  readonly variable: string;
  readonly engine: string;
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

export function parseVersion(output: string): number[] | undefined;
export function isAtLeast(version: readonly number[], minimum: readonly number[]): boolean;
export function nodeProblem(version: string): string | undefined;
export function pythonProblem(output: string | undefined, hasVenv: boolean): string | undefined;
export function mavenProblem(output: string | undefined): string | undefined;
export function memoryProblem(bytes: number): string | undefined;
export function diskProblem(freeBytes: number, folder: string, neededGigabytes?: number): string | undefined;
export function freeBytes(folder: string): number;
export function findMachineProblems(folder: string, neededGigabytes?: number): Promise<string[]>;
export function isPortTaken(port: number): Promise<boolean>;
export function findPortHolder(port: number): PortHolder | undefined;
export function takenPortProblem(use: PortUse, holder: PortHolder | undefined): string;
export function findPortProblems(uses: readonly PortUse[]): Promise<string[]>;
export function parseListeners(table: string, port: number): string[];
