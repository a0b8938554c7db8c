import { z } from "zod";
import { InvalidRequest } from "./errors.ts";
import { describeExecution } from "./execution.ts";
import type { Executions } from "./executions.ts";
import type { ResultStore } from "./result-store.ts";
import { resultsPage } from "./results-page.ts";

/** Answers one operation of Athena's API. */
export type Operation = (input: unknown) => Promise<object>;

const resultConfiguration = z.object({
  OutputLocation: z.string().optional(),
  EncryptionConfiguration: z
    .object({
      EncryptionOption: z.enum(["SSE_S3", "SSE_KMS", "CSE_KMS"]),
      KmsKey: z.string().optional(),
    })
    .optional(),
});
const start = z.object({
  QueryString: z.string().min(1).max(262_144),
  ClientRequestToken: z.string().min(32).max(128).optional(),
  QueryExecutionContext: z
    .object({ Database: z.string().optional(), Catalog: z.string().optional() })
    .optional(),
  ResultConfiguration: resultConfiguration.optional(),
  WorkGroup: z.string().default("primary"),
  ExecutionParameters: z.array(z.string().min(1).max(1_024)).min(1).optional(),
});
const one = z.object({ QueryExecutionId: z.string().min(1) });
const many = z.object({ QueryExecutionIds: z.array(z.string()).min(1).max(50) });
const results = one.extend({
  MaxResults: z.number().int().min(1).max(1_000).optional(),
  NextToken: z.string().optional(),
});
const list = z.object({
  WorkGroup: z.string().default("primary"),
  MaxResults: z.number().int().min(0).max(50).default(50),
  NextToken: z.string().optional(),
});

/** The operations that this endpoint answers itself; all others are the emulator's. */
export function createOperations(executions: Executions, store: ResultStore): ReadonlyMap<string, Operation> {
  return new Map<string, Operation>([
    [
      "StartQueryExecution",
      async (input) => {
        const request = parse(start, input);
        const { id } = await executions.start({
          query: request.QueryString,
          parameters: request.ExecutionParameters ?? [],
          database: request.QueryExecutionContext?.Database,
          catalog: request.QueryExecutionContext?.Catalog,
          workGroup: request.WorkGroup,
          place: request.ResultConfiguration,
          token: request.ClientRequestToken,
        });
        return { QueryExecutionId: id };
      },
    ],
    [
      "GetQueryExecution",
      async (input) => ({
        QueryExecution: describeExecution(executions.get(parse(one, input).QueryExecutionId)),
      }),
    ],
    [
      "BatchGetQueryExecution",
      async (input) => {
        const found: object[] = [];
        const missing: object[] = [];
        for (const id of parse(many, input).QueryExecutionIds) {
          try {
            found.push(describeExecution(executions.get(id)));
          } catch (error) {
            if (!(error instanceof InvalidRequest)) throw error;
            missing.push({ QueryExecutionId: id, ErrorCode: "INVALID_INPUT", ErrorMessage: error.message });
          }
        }
        return { QueryExecutions: found, UnprocessedQueryExecutionIds: missing };
      },
    ],
    [
      "GetQueryResults",
      async (input) => {
        const { QueryExecutionId, MaxResults, NextToken } = parse(results, input);
        const execution = executions.get(QueryExecutionId);
        if (execution.state === "SUCCEEDED" && !(await store.exists(execution.location)))
          throw new InvalidRequest(`Could not find results of query ${QueryExecutionId}: they were removed`);
        return resultsPage(execution, { maxResults: MaxResults, nextToken: NextToken });
      },
    ],
    [
      "StopQueryExecution",
      async (input) => {
        executions.stop(parse(one, input).QueryExecutionId);
        return {};
      },
    ],
    [
      "ListQueryExecutions",
      async (input) => {
        const { WorkGroup, MaxResults, NextToken } = parse(list, input);
        const ids = executions.list(WorkGroup);
        const from = NextToken === undefined ? 0 : ids.indexOf(NextToken) + 1;
        const page = ids.slice(from, from + MaxResults);
        return {
          QueryExecutionIds: page,
          NextToken: from + page.length < ids.length ? page.at(-1) : undefined,
        };
      },
    ],
  ]);
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InvalidRequest(`Invalid request: ${issue?.path.join(".")}: ${issue?.message}`);
}
