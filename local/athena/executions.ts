import { randomUUID } from "node:crypto";
import { InvalidRequest } from "./errors.ts";
import type { Execution, ExecutionRequest } from "./execution.ts";
import { type RunDeps, runExecution, STOPPED } from "./run-execution.ts";
import { parseStatement } from "./sql.ts";
import { type ReadWorkGroup, type ResultPlace, resultPlace } from "./workgroups.ts";

/** What starts an execution. */
export interface StartRequest extends ExecutionRequest {
  readonly place: ResultPlace | undefined;
  /** The same token with the same request is the same execution. */
  readonly token: string | undefined;
}

/** Executions that are remembered; the oldest finished one is forgotten first. */
const KEPT = 500;
/** Values of results that are kept in memory, over all executions. */
const KEPT_VALUES = 5_000_000;

/** The executions since the endpoint started. Nothing of them outlives it but the files in S3. */
export class Executions {
  readonly #deps: RunDeps;
  readonly #readWorkGroup: ReadWorkGroup;
  readonly #executions = new Map<string, Execution>();
  readonly #tokens = new Map<string, { readonly id: string; readonly asked: string }>();

  constructor(deps: RunDeps, readWorkGroup: ReadWorkGroup) {
    this.#deps = deps;
    this.#readWorkGroup = readWorkGroup;
  }

  /** Starts a query and returns at once. @throws InvalidRequest */
  async start({ place: askedPlace, token, ...request }: StartRequest): Promise<Execution> {
    const asked = JSON.stringify([request, askedPlace]);
    const known = token === undefined ? undefined : this.#tokens.get(token);
    if (known) {
      if (known.asked !== asked) throw new InvalidRequest("Idempotent parameters do not match");
      return this.get(known.id);
    }
    const id = randomUUID();
    if (token !== undefined) this.#tokens.set(token, { id, asked });
    try {
      const statement = parseStatement(request.query);
      const rules = await this.#readWorkGroup(request.workGroup);
      const place = resultPlace(askedPlace, rules);
      const folder = (place.OutputLocation ?? "").replace(/\/?$/, "/");
      await this.#deps.results.check(folder);
      const location = `${folder}${id}.${statement.statementType === "DML" ? "csv" : "txt"}`;
      const execution: Execution = {
        ...{ id, request, statement, rules, place, location, submitted: Date.now() },
        cancel: new AbortController(),
        state: "QUEUED",
        ...{ reason: undefined, failure: undefined, completed: undefined },
        statistics: { bytesScanned: 0, engine: 0, queue: 0, planning: 0, finishing: 0 },
        ...{ columns: [], rows: [] },
      };
      this.#executions.set(id, execution);
      this.#forgetOldest();
      void runExecution(execution, this.#deps);
      return execution;
    } catch (error) {
      if (token !== undefined) this.#tokens.delete(token);
      throw error;
    }
  }

  /** @throws InvalidRequest for an id that is not known */
  get(id: string): Execution {
    const execution = this.#executions.get(id);
    if (!execution) throw new InvalidRequest(`QueryExecution ${id} was not found`);
    return execution;
  }

  /** Ids, newest first. */
  list(workGroup: string): string[] {
    const own = [...this.#executions.values()].filter(({ request }) => request.workGroup === workGroup);
    return own.map(({ id }) => id).reverse();
  }

  /** Stops a query; one that has ended stays as it is. */
  stop(id: string): void {
    const { completed, cancel } = this.get(id);
    if (completed === undefined) cancel.abort(STOPPED);
  }

  #forgetOldest(): void {
    const values = ({ columns, rows }: Execution): number => columns.length * rows.length;
    let held = [...this.#executions.values()].reduce((sum, execution) => sum + values(execution), 0);
    for (const [id, execution] of this.#executions) {
      if (this.#executions.size <= KEPT && held <= KEPT_VALUES) return;
      if (execution.completed === undefined) continue;
      held -= values(execution);
      this.#executions.delete(id);
      for (const [token, known] of this.#tokens) if (known.id === id) this.#tokens.delete(token);
    }
  }
}
