/** What functions ran: `gbSeconds` is memory × billed time on this machine. */
export interface FunctionUsage {
  readonly invocations: number;
  readonly milliseconds: number;
  readonly gbSeconds: number;
}

/** What Express executions took. Transitions are states entered, retries included; AWS bills them of Standard only. */
export interface ExecutionUsage {
  readonly executions: number;
  readonly transitions: number;
  readonly milliseconds: number;
  /** As billed: time rounded up to 100 ms, memory in parts of 64 MB. */
  readonly gbSeconds: number;
  /** Bytes of the events that the log of level ALL holds, without execution data. */
  readonly logBytes: number;
}

/** What a piece of work asked of AWS and the stores, counted from outside the functions. */
export interface Usage {
  /** Requests by service and action, such as `dynamodb TransactWriteItems`. */
  readonly requests: Readonly<Record<string, number>>;
  /** Of these, the ones that were not answered with success, such as a cancelled transaction. */
  readonly refused: Readonly<Record<string, number>>;
  /** Write units by table, and by `<table>/<index>`. */
  readonly writeUnits: Readonly<Record<string, number>>;
  /** Read units by table. */
  readonly readUnits: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, FunctionUsage>>;
  readonly workflow: ExecutionUsage;
  /** Round trips to Valkey: reads by the server. */
  readonly cacheTrips: number;
  /** Bytes that functions logged. */
  readonly logBytes: number;
  /** CloudWatch metrics that were published: each name and service is one. */
  readonly metrics: readonly string[];
}

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Of requests, those of one service. */
export const requestsOf = ({ requests }: Pick<Usage, "requests">, service: string): number =>
  total(Object.fromEntries(Object.entries(requests).filter(([name]) => name.startsWith(`${service} `))));

export const invocationsOf = ({ functions }: Pick<Usage, "functions">): number =>
  total(Object.fromEntries(Object.entries(functions).map(([name, { invocations }]) => [name, invocations])));

/** Requests to the stores: every one to DynamoDB, S3 and OpenSearch, and round trips to Valkey. */
export const storeRequestsOf = (usage: Usage): number =>
  ["dynamodb", "s3", "opensearch"].reduce((sum, service) => sum + requestsOf(usage, service), 0) +
  usage.cacheTrips;

/** A sum that grows under names. */
export class Tally {
  readonly #counts: Record<string, number> = {};

  add(name: string, count: number): void {
    if (count !== 0) this.#counts[name] = (this.#counts[name] ?? 0) + count;
  }

  /** A copy, in the order of the names. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
