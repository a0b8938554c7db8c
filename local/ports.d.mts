/** Types of ports.mjs, for the TypeScript that uses it. */

/** Ports of one instance of the local stage. */
export interface StagePorts {
  readonly aws: number;
  readonly redis: number;
  readonly opensearch: number;
  /** OpenSearch's node-to-node port, derived from `opensearch`. */
  readonly opensearchTransport: number;
  /** Athena's API; null where the stage has none. */
  readonly athena: number | null;
  /** The engine behind Athena; null where the stage has none. */
  readonly trino: number | null;
}

/** A port, the engine that listens there, and the environment variable that moves it. */
export interface PortUse {
  readonly port: number;
  readonly variable: string;
  readonly engine: string;
}

/** The process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

export function readPorts(environment: Readonly<Record<string, string | undefined>>): StagePorts;
export function portUses(ports: StagePorts): PortUse[];
export function isPortTaken(port: number): Promise<boolean>;
export function findPortHolder(port: number): PortHolder | undefined;
export function takenPortProblem(use: PortUse, holder: PortHolder | undefined): string;
export function findPortProblems(uses: readonly PortUse[]): Promise<string[]>;
export function parseListeners(table: string, port: number): string[];
