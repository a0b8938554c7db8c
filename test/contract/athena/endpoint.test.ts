import { randomUUID } from "node:crypto";
import {
  BatchGetQueryExecutionCommand,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListQueryExecutionsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { manyRows, writtenBy } from "../../support/parquet/rows.ts";
import { type LakeScene, openLakeScene } from "./lake-scene.ts";

type Start = Partial<StartQueryExecutionCommand["input"]>;

let scene: LakeScene;
beforeAll(async () => {
  scene = await openLakeScene("endpoint");
});
afterAll(() => scene.close());

describe("an execution", () => {
  it("succeeds with times, kind and place, and leaves Athena's CSV there", async () => {
    const sql = `SELECT 'a "b", c' AS "x y", CAST(NULL AS varchar) AS n, '' AS e, 1.0e0 AS d, 'ñ' || chr(10) AS t`;
    const execution = await run(sql);
    expect(execution).toMatchObject({
      Query: sql,
      StatementType: "DML",
      SubstatementType: "SELECT",
      WorkGroup: scene.name,
      Status: { State: "SUCCEEDED" },
      Statistics: { DataScannedInBytes: 0 },
      ResultConfiguration: {
        OutputLocation: `s3://${scene.name}/athena-results/${execution.QueryExecutionId}.csv`,
      },
    });
    const { SubmissionDateTime: from, CompletionDateTime: to } = execution.Status ?? {};
    expect(to?.getTime()).toBeGreaterThanOrEqual(from?.getTime() ?? Number.NaN);
    expect(await fileOf(execution)).toBe('"x y","n","e","d","t"\n"a ""b"", c",,"","1.0","ñ\n"\n');
  });

  it("of a utility statement leaves text without a header", async () => {
    const execution = await run("SHOW DATABASES LIKE 'athena_endpoint%'");
    expect(execution).toMatchObject({ StatementType: "UTILITY", Status: { State: "SUCCEEDED" } });
    expect(execution.ResultConfiguration?.OutputLocation).toMatch(/\.txt$/);
    expect(await fileOf(execution)).toBe(`${scene.name.replaceAll("-", "_")}\n`);
    const page = await results(execution);
    expect(page.ResultSet?.Rows).toHaveLength(1);
  });

  it("that fails says why, by whose fault, and has no results", async () => {
    const execution = await run("SELECT nothing");
    const reason = "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved";
    expect(execution.Status).toMatchObject({
      State: "FAILED",
      StateChangeReason: reason,
      AthenaError: { ErrorCategory: 2, Retryable: false, ErrorMessage: reason },
    });
    await expect(results(execution)).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: "Query did not finish successfully. Final query state: FAILED",
    });
  });

  it("is one for one token, and another request under its token is refused", async () => {
    const ClientRequestToken = randomUUID();
    const first = await start("SELECT 1", { ClientRequestToken });
    expect(await start("SELECT 1", { ClientRequestToken })).toBe(first);
    await expect(start("SELECT 2", { ClientRequestToken })).rejects.toThrow(
      "Idempotent parameters do not match",
    );
    expect(await start("SELECT 1")).not.toBe(first);
  });

  it("is cancelled by a stop, and a stop of what has ended changes nothing", async () => {
    const id = await start(
      "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (y) CROSS JOIN UNNEST(sequence(1, 10000)) AS c (z)",
    );
    await scene.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    expect((await ended(id)).Status).toMatchObject({ State: "CANCELLED" });
    const done = await run("SELECT 1");
    await scene.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: done.QueryExecutionId }));
    expect(await ended(done.QueryExecutionId)).toEqual(done);
  });

  it("is given in batches and lists, and an unknown one is named", async () => {
    const known = await start("SELECT 1");
    const unknown = randomUUID();
    const { QueryExecutions, UnprocessedQueryExecutionIds } = await scene.athena.send(
      new BatchGetQueryExecutionCommand({ QueryExecutionIds: [known, unknown] }),
    );
    expect(QueryExecutions?.map(({ QueryExecutionId }) => QueryExecutionId)).toEqual([known]);
    expect(UnprocessedQueryExecutionIds).toMatchObject([
      { QueryExecutionId: unknown, ErrorMessage: `QueryExecution ${unknown} was not found` },
    ]);
    const page = await scene.athena.send(
      new ListQueryExecutionsCommand({ WorkGroup: scene.name, MaxResults: 1 }),
    );
    expect(page.QueryExecutionIds).toEqual([known]);
    const { NextToken } = page;
    const next = await scene.athena.send(
      new ListQueryExecutionsCommand({ WorkGroup: scene.name, MaxResults: 50, NextToken }),
    );
    expect(next.QueryExecutionIds).not.toContain(known);
    expect(next.QueryExecutionIds?.length).toBeGreaterThan(0);
    await expect(ended(unknown)).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: `QueryExecution ${unknown} was not found`,
    });
  });
});

describe("results", () => {
  it("come in pages, the header first and counted", async () => {
    const execution = await run("SELECT x FROM UNNEST(sequence(1, 5)) AS t (x) ORDER BY x");
    const pages: (string | undefined)[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await results(execution, { MaxResults: 2, NextToken });
      pages.push(page.ResultSet?.Rows?.map(({ Data }) => Data?.[0]?.VarCharValue) ?? []);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(pages).toEqual([
      ["x", "1"],
      ["2", "3"],
      ["4", "5"],
    ]);
  });

  it("are refused for a page that is not theirs or too large", async () => {
    const [one, other] = [await run("SELECT x FROM UNNEST(sequence(1, 5)) AS t (x)"), await run("SELECT 1")];
    const { NextToken } = await results(one, { MaxResults: 2 });
    await expect(results(other, { NextToken })).rejects.toThrow("Invalid NextToken");
    await expect(results(one, { MaxResults: 1_001 })).rejects.toMatchObject({
      name: "InvalidRequestException",
    });
  });

  it("are gone when their file is gone", async () => {
    const execution = await run("SELECT 1");
    await scene.engines.s3.send(new DeleteObjectCommand(placeOf(execution)));
    await expect(results(execution)).rejects.toThrow(/^Could not find results/);
  });
});

describe("a workgroup", () => {
  it("is the emulator's, and its place for results wins where it is enforced", async () => {
    const { WorkGroup } = await scene.athena.send(new GetWorkGroupCommand({ WorkGroup: scene.name }));
    expect(WorkGroup?.Configuration?.EnforceWorkGroupConfiguration).toBe(true);
    const asked = { ResultConfiguration: { OutputLocation: `s3://${scene.name}/elsewhere/` } };
    const execution = await ended(await start("SELECT 1", asked));
    expect(placeOf(execution).Key).toMatch(/^athena-results\//);
  });

  it("without a place for results takes the query's, needs one, and needs its bucket", async () => {
    await withWorkGroup({}, async (WorkGroup) => {
      await expect(start("SELECT 1", { WorkGroup })).rejects.toThrow(/^No output location provided/);
      const place = (OutputLocation: string): Start => ({
        WorkGroup,
        ResultConfiguration: { OutputLocation },
      });
      await expect(start("SELECT 1", place("s3://nobodys-bucket/x/"))).rejects.toThrow(
        "Unable to verify/create output bucket nobodys-bucket",
      );
      await expect(start("SELECT 1", place("file:///x"))).rejects.toThrow("not a valid S3 path");
      const execution = await ended(await start("SELECT 1", place(`s3://${scene.name}/own`)));
      expect(placeOf(execution).Key).toBe(`own/${execution.QueryExecutionId}.csv`);
    });
  });

  it("cancels what reads more than it allows", async () => {
    await scene.createTable("large");
    const file = await writtenBy((sink) => createLakeRowFiles("hyparquet").write(manyRows(500), sink));
    await scene.put("large", "2026-11-20", file.bytes);
    const limit = {
      BytesScannedCutoffPerQuery: 1_000,
      ResultConfiguration: { OutputLocation: `s3://${scene.name}/r/` },
    };
    const sql = "SELECT count(content) FROM large WHERE year = 2026 AND month = 11 AND day = 20";
    await withWorkGroup(limit, async (WorkGroup) => {
      expect((await ended(await start(sql, { WorkGroup }))).Status).toMatchObject({
        State: "CANCELLED",
        StateChangeReason: "Bytes scanned limit was exceeded",
      });
    });
    expect((await run(sql)).Status?.State).toBe("SUCCEEDED");
  });
});

it.each([
  "CREATE TABLE t AS SELECT 1",
  "INSERT INTO t VALUES (1)",
  "DROP TABLE t",
  "UNLOAD (SELECT 1) TO 's3://x/'",
  "SELECT 1; SELECT 2",
  "-- nothing",
])("refuses what it does not run: %s", async (sql) => {
  await expect(start(sql)).rejects.toMatchObject({ name: "InvalidRequestException" });
});

async function start(sql: string, over: Start = {}): Promise<string> {
  const { QueryExecutionId = "" } = await scene.athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: scene.name,
      QueryExecutionContext: { Database: scene.name.replaceAll("-", "_") },
      ...over,
    }),
  );
  return QueryExecutionId;
}

async function ended(QueryExecutionId: string | undefined): Promise<QueryExecution> {
  for (;;) {
    const { QueryExecution: execution = {} } = await scene.athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
    );
    if (!["QUEUED", "RUNNING"].includes(execution.Status?.State ?? "")) return execution;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function run(sql: string): Promise<QueryExecution> {
  return ended(await start(sql));
}

function results(
  { QueryExecutionId }: QueryExecution,
  over: { MaxResults?: number; NextToken?: string | undefined } = {},
) {
  return scene.athena.send(new GetQueryResultsCommand({ QueryExecutionId, ...over }));
}

function placeOf({ ResultConfiguration }: QueryExecution): { Bucket: string; Key: string } {
  const { host, pathname } = new URL(ResultConfiguration?.OutputLocation ?? "");
  return { Bucket: host, Key: pathname.slice(1) };
}

async function fileOf(execution: QueryExecution): Promise<string | undefined> {
  const { Body } = await scene.engines.s3.send(new GetObjectCommand(placeOf(execution)));
  return Body?.transformToString();
}

async function withWorkGroup(
  Configuration: CreateWorkGroupCommand["input"]["Configuration"],
  work: (name: string) => Promise<void>,
): Promise<void> {
  const Name = `${scene.name}-other`;
  await scene.athena.send(new CreateWorkGroupCommand({ Name, Configuration }));
  try {
    await work(Name);
  } finally {
    await scene.athena.send(new DeleteWorkGroupCommand({ WorkGroup: Name, RecursiveDeleteOption: true }));
  }
}
