import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ConcurrentRunsExceededException, EntityNotFoundException, GlueClient } from "@aws-sdk/client-glue";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import { createTableExports } from "../../../functions/adapters/dynamodb/table-exports.ts";
import { createGlueJobs } from "../../../functions/adapters/glue/glue-jobs.ts";

const EXPORT = "arn:aws:dynamodb:eu-west-1:1:table/t/export/01693685827463-2d8752fd";
/** What the service is asked, and what it answers or throws: no network is there. */
let asked: unknown;
let answer: object = {};
beforeEach(() => {
  asked = undefined;
});

/** A client whose calls end before they become requests. */
function answering<Client extends GlueClient | DynamoDBClient>(client: Client): Client {
  const middleware = () => async (call: { input: object }) => {
    asked = call.input;
    if (answer instanceof Error) throw answer;
    return { response: {}, output: { $metadata: {}, ...answer } };
  };
  client.middlewareStack.add(middleware as never, { step: "initialize", priority: "high" });
  return client;
}

describe("Glue", () => {
  const jobs = createGlueJobs({
    client: answering(new GlueClient({ region: "eu-west-1" })),
    names: {
      "daily-conversation-analytics": "hilo-lean-daily-conversation-analytics",
      "export-conversations": "hilo-lean-export-conversations",
    },
  });

  it("starts a job under its name on the stage", async () => {
    answer = { JobRunId: "jr_1" };
    expect(await jobs.start("export-conversations", { "--date": "2026-11-20" })).toBe("jr_1");
    expect(asked).toEqual({
      JobName: "hilo-lean-export-conversations",
      Arguments: { "--date": "2026-11-20" },
    });
  });

  it.each([
    ["STARTING", "RUNNING"],
    ["WAITING", "RUNNING"],
    ["STOPPING", "RUNNING"],
    ["SUCCEEDED", "SUCCEEDED"],
    ["FAILED", "FAILED"],
    ["TIMEOUT", "FAILED"],
    ["STOPPED", "FAILED"],
    ["ERROR", "FAILED"],
    ["EXPIRED", "FAILED"],
  ] as const)("takes %s for %s", async (JobRunState, state) => {
    answer = { JobRun: { JobRunState } };
    expect(await jobs.state("export-conversations", "jr_1")).toBe(state);
  });

  it("tells what may succeed later from what never will, without what Glue says", async () => {
    const of = { $metadata: {}, message: "secret" };
    answer = new ConcurrentRunsExceededException(of);
    const started = jobs.start("export-conversations", {});
    await expect(started).rejects.toMatchObject({
      name: "TransientError",
      message: expect.not.stringContaining("secret"),
    });
    answer = new EntityNotFoundException(of);
    const asked = jobs.state("export-conversations", "jr_1");
    await expect(asked).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.not.stringContaining("secret"),
    });
  });
});

describe("DynamoDB's own exports", () => {
  const exports = createTableExports({
    client: DynamoDBDocumentClient.from(answering(new DynamoDBClient({ region: "eu-west-1" }))),
    tableArn: "arn:aws:dynamodb:eu-west-1:1:table/t",
    bucket: "b",
    keyArn: "arn:aws:kms:eu-west-1:1:key/k",
  });

  it("are asked for in full, as JSON, under the bucket's key, once for a token", async () => {
    answer = { ExportDescription: { ExportArn: EXPORT } };
    expect(await exports.start("hilo-1")).toBe(EXPORT);
    expect(asked).toEqual({
      TableArn: "arn:aws:dynamodb:eu-west-1:1:table/t",
      S3Bucket: "b",
      S3Prefix: "raw-exports",
      S3SseAlgorithm: "KMS",
      S3SseKmsKeyId: "arn:aws:kms:eu-west-1:1:key/k",
      ExportFormat: "DYNAMODB_JSON",
      ClientToken: "hilo-1",
    });
  });

  it("lie in the folder of their id, and tell of the moment they were taken", async () => {
    const at = new Date("2026-11-20T02:31:05.123Z");
    answer = { ExportDescription: { ExportStatus: "IN_PROGRESS" } };
    expect(await exports.state(EXPORT)).toEqual({ state: "RUNNING" });
    answer = {
      ExportDescription: { ExportStatus: "COMPLETED", ExportTime: at, EndTime: new Date() },
    };
    expect(await exports.state(EXPORT)).toEqual({
      state: "SUCCEEDED",
      folder: "raw-exports/AWSDynamoDB/01693685827463-2d8752fd/",
      exportedAt: at.toISOString(),
    });
    answer = { ExportDescription: { ExportStatus: "FAILED" } };
    expect(await exports.state(EXPORT)).toEqual({ state: "FAILED" });
  });
});
