import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { TestStage } from "../stage.ts";
import { awsCallOf, type SeenRequest, searchCallOf } from "./aws-call.ts";
import { takenUnits, withConsumedCapacity } from "./consumed-capacity.ts";
import { executionOf, readExecutions, type SeenExecution } from "./executions.ts";
import { fetchLog, readLog } from "./function-logs.ts";
import { batchGetUnits } from "./item-size.ts";
import { type MeteringProxy, openProxy, type SeenCall } from "./metering-proxy.ts";
import { fullIndexes, statementUnits, withUpdatedItems } from "./statement-units.ts";
import { Tally, type Usage } from "./usage.ts";

/** What was counted since the last reset. */
class Counts {
  readonly requests = new Tally();
  readonly refused = new Tally();
  readonly writeUnits = new Tally();
  readonly readUnits = new Tally();
  readonly executions: SeenExecution[] = [];
}

/**
 * Counts what a deployed stage does, from outside: its functions reach AWS and OpenSearch through proxies that see each
 * request, DynamoDB is asked to say what each takes, Valkey's own counter tells round trips, and Lambda's and Step
 * Functions' own records tell invocations, times and states. What the platform does by itself (reading a queue for a
 * function, calling a function from a state) passes no proxy.
 */
export class CostMeter {
  /** Where producers must send what is to be counted too. */
  readonly awsUrl: string;
  readonly #stage: TestStage;
  readonly #logs: CloudWatchLogsClient;
  readonly #tables: ReadonlyMap<string, string>;
  readonly #proxies: readonly MeteringProxy[];
  readonly #environments: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly #current: { counts: Counts };

  private constructor(
    stage: TestStage,
    proxies: readonly [aws: MeteringProxy, search: MeteringProxy],
    environments: ReadonlyMap<string, Readonly<Record<string, string>>>,
    current: { counts: Counts },
  ) {
    this.#stage = stage;
    this.#proxies = proxies;
    this.#environments = environments;
    this.awsUrl = proxies[0].url;
    this.#logs = new CloudWatchLogsClient(stage.aws);
    this.#tables = new Map(
      Object.entries(stage.outputs.tables).map(([logical, physical]) => [physical, logical]),
    );
    this.#current = current;
  }

  /** Leads the stage's functions through the meter. Call `detach` in the end. */
  static async attach(stage: TestStage): Promise<CostMeter> {
    const current = { counts: new Counts() };
    const indexes = await fullIndexes(stage.dynamoDb, Object.values(stage.outputs.tables));
    const aws = await openProxy({
      target: stage.endpoints.aws,
      rewrite: rewriteAws,
      onCall: (call) => countAws(call, current.counts, indexes),
    });
    const search = await openProxy({
      target: stage.endpoints.opensearch,
      onCall: (call) => current.counts.requests.add(searchCallOf(call), 1),
    });
    const environments = new Map<string, Readonly<Record<string, string>>>();
    for (const name of Object.values(stage.outputs.functions)) {
      const { Environment: environment } = await stage.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: name }),
      );
      const variables = environment?.Variables ?? {};
      environments.set(name, variables);
      const led = Object.entries(variables).map(([key, value]) => [
        key,
        value.replace(stage.endpoints.aws, aws.url).replace(stage.endpoints.opensearch, search.url),
      ]);
      await setVariables(stage.lambda, name, { ...Object.fromEntries(led), AWS_ENDPOINT_URL: aws.url });
    }
    return new CostMeter(stage, [aws, search], environments, current);
  }

  /** Runs work and returns what it took. Work must be over when its promise is: nothing may still be in a queue. */
  async measure(work: () => Promise<void>): Promise<Usage> {
    const counts = new Counts();
    this.#current.counts = counts;
    const since = Date.now();
    const tripsBefore = await this.#cacheTrips();
    await work();
    // The meter's own question is one of the trips.
    const cacheTrips = (await this.#cacheTrips()) - tripsBefore - 1;
    return { ...(await this.#usageOf(counts, since)), cacheTrips };
  }

  async #usageOf(counts: Counts, since: number): Promise<Omit<Usage, "cacheTrips">> {
    const { requests, refused, writeUnits, readUnits, executions } = counts;
    const functions = await Promise.all(
      Object.keys(this.#stage.outputs.functions).map(async (name) => {
        const lines = await fetchLog(this.#logs, `/hilo/local/${name}`, since);
        return [name, readLog(lines)] as const;
      }),
    );
    const logical = (physical: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
      Object.fromEntries(
        Object.entries(physical).map(([of, count]) => {
          const [table = "", ...index] = of.split("/");
          return [[this.#tables.get(table) ?? table, ...index].join("/"), count];
        }),
      );
    return {
      requests: requests.counts(),
      refused: refused.counts(),
      writeUnits: logical(writeUnits.counts()),
      readUnits: logical(readUnits.counts()),
      functions: Object.fromEntries(
        functions
          .filter(([, { invocations }]) => invocations > 0)
          .map(([name, { logBytes: _, metrics: _names, ...used }]) => [name, used]),
      ),
      workflow: await readExecutions(this.#stage.stepFunctions, executions),
      logBytes: functions.reduce((sum, [, { logBytes }]) => sum + logBytes, 0),
      metrics: functions.flatMap(([, { metrics }]) => metrics),
    };
  }

  async #cacheTrips(): Promise<number> {
    const info = await this.#stage.redis.info("stats");
    return Number(/^total_reads_processed:(\d+)/m.exec(info)?.[1]);
  }

  /** Leads the functions past the meter again. */
  async detach(): Promise<void> {
    for (const [name, variables] of this.#environments)
      await setVariables(this.#stage.lambda, name, variables);
    for (const proxy of this.#proxies) await proxy.close();
    this.#logs.destroy();
  }
}

function rewriteAws(seen: SeenRequest): string | undefined {
  const name = awsCallOf(seen);
  if (name === "dynamodb BatchExecuteStatement") return withUpdatedItems(seen.body);
  return name.startsWith("dynamodb ") ? withConsumedCapacity(seen.body) : undefined;
}

function countAws(call: SeenCall, counts: Counts, indexes: ReadonlyMap<string, readonly string[]>): void {
  const name = awsCallOf(call);
  counts.requests.add(name, 1);
  if (call.status !== 200) counts.refused.add(name, 1);
  else if (name === "states StartSyncExecution") counts.executions.push(executionOf(call.answer));
  else if (name === "dynamodb BatchGetItem")
    for (const [table, units] of Object.entries(batchGetUnits(call.body, call.answer)))
      counts.readUnits.add(table, units);
  else if (name === "dynamodb BatchExecuteStatement")
    for (const { of, write } of statementUnits(call.answer, indexes)) counts.writeUnits.add(of, write);
  else if (name.startsWith("dynamodb "))
    for (const { of, write, read } of takenUnits(actionOf(name), call.answer)) {
      counts.writeUnits.add(of, write);
      counts.readUnits.add(of, read);
    }
}

const actionOf = (name: string): string => name.slice(name.indexOf(" ") + 1);

async function setVariables(
  client: LambdaClient,
  name: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables: variables } }),
  );
}
