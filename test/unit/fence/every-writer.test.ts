import { readdirSync } from "node:fs";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { ledgerCheck } from "../../../functions/adapters/dynamodb/ledger-check.ts";
import { createLegalHolds } from "../../../functions/adapters/dynamodb/legal-holds.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { lakeObjectKey } from "../../../functions/core/domain/lake-keys.ts";
import { USER_BEHAVIOR, USER_PATTERNS, type UserRow } from "../../../functions/core/domain/user-tables.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { publishStaged } from "../../../functions/core/use-cases/publish-staged.ts";
import { aStoredMessage, NOW, tagOf } from "../../support/builders.ts";
import { FakeLake } from "../../support/fakes/fake-lake.ts";
import { collect } from "../../support/parquet/rows.ts";

/**
 * How each function and command of the product comes by what it writes about people. `asks`: it asks the fence, and a
 * test in this folder, or the one named, shows it. `under`: it runs inside of one that asked, and not longer. Anything
 * else writes nothing about people, or only what an erasure itself does.
 */
const WRITERS = {
  "abort-uploads": "erases",
  "access-cache": "reads, and erases what a restore brought back",
  "apply-search-templates": "no people",
  "approve-erasure": "erases",
  "audit-erasures": "reads",
  "compare-contexts": "removes only",
  "drain-dead-letters": "asks: every-path",
  "erase-cache": "erases",
  "erase-objects": "erases; commits under the number of fences, like export-day",
  "erase-search": "erases",
  "erase-tables": "erases",
  "export-day": "asks: here",
  "fence-people": "erases",
  "finish-day": "no people: marks of days",
  "finish-erasure": "erases",
  "finish-plan": "no people: counts",
  "index-to-opensearch": "under: router",
  "perform-analytics": "asks: every-path",
  "plan-erasure": "erases",
  "plan-export": "no people: days",
  "preserve-held": "copies who is held, who is not fenced while held",
  "publish-staged": "asks: here",
  "read-context": "asks: every-path",
  "recheck-erasures": "erases",
  "refresh-cache": "asks: every-path",
  "repair-day": "asks: every-path",
  "repair-index": "asks: every-path",
  "request-erasure": "erases",
  router: "asks: every-path",
  "run-glue-job": "under: publish-staged, which alone takes what Spark stages",
  "store-in-cache": "under: router",
  "store-to-dynamodb": "asks: every-path",
  "write-daily-metrics": "no people: sums",
} as const;

const COMMANDS = {
  context: "under: read-context",
  doctor: "reads",
  down: "no people",
  erase: "erases",
  export: "under: export-day",
  hold: "copies who is held, who is not fenced while held",
  keys: "no people: tags",
  metrics: "reads",
  patterns: "reads",
  quarantine: "asks: every-path, through the event queue",
  redrive: "asks: every-path, through the event queue",
  repair: "under: repair-day",
  replay: "asks: every-path, through the queues of repairs",
  restore: "erases what a restore brought back",
  search: "reads",
  send: "asks: every-path, through the event queue",
  status: "reads",
  subject: "reads",
  up: "no people",
} as const;

/** Commands that come later and are known. History comes in by `import` one day: it will have to ask. */
const LATER = ["dashboard", "import"];

const FOLDERS = { handlers: "functions/handlers", commands: "cli/commands" } as const;
const namesIn = (folder: string): string[] =>
  readdirSync(folder)
    .map((name) => name.replace(/\.ts$/, ""))
    .sort();

describe("everything that could write about a person", () => {
  it("is a function that is known to ask the fence, or not to need to", () => {
    expect(namesIn(FOLDERS.handlers)).toEqual(Object.keys(WRITERS).sort());
  });

  it("is a command that is known, too", () => {
    const unknown = namesIn(FOLDERS.commands).filter((name) => !(name in COMMANDS) && !LATER.includes(name));
    expect(unknown).toEqual([]);
  });
});

/** A client that answers nothing and remembers what it was asked. */
function listening(answer: Readonly<Record<string, unknown>> = {}) {
  const inputs: unknown[] = [];
  const client = {
    send: async (command: { readonly input: unknown }) => {
      inputs.push(command.input);
      return answer;
    },
  } as unknown as DynamoDBDocumentClient;
  return { client, inputs };
}

describe("asking", () => {
  it("is one strong read for a batch, of ledger and holds", async () => {
    for (const ask of [
      (client: DynamoDBDocumentClient, tags: string[]) =>
        createErasureLedger({ client, table: "l" }).fences(tags),
      (client: DynamoDBDocumentClient, tags: string[]) => createLegalHolds({ client, table: "l" }).held(tags),
    ]) {
      const { client, inputs } = listening();
      await ask(
        client,
        Array.from({ length: 99 }, (_, n) => tagOf(`${n}`)),
      );
      expect(inputs).toMatchObject([{ RequestItems: { l: { ConsistentRead: true } } }]);
      const { l } = (inputs[0] as { RequestItems: { l: { Keys: unknown[] } } }).RequestItems;
      expect(l.Keys).toHaveLength(100);
      await ask(client, []);
      expect(inputs).toHaveLength(1);
    }
  });

  it("in a transaction fails where the generation is not the live one, whichever moved", () => {
    expect(ledgerCheck("l", "t", 1).ConditionCheck?.ConditionExpression).toBe("attribute_not_exists(tag)");
    expect(ledgerCheck("l", "t", 3).ConditionCheck).toMatchObject({
      ConditionExpression: "generation = :erased",
      ExpressionAttributeValues: { ":erased": 2 },
    });
  });

  it("of a ledger that says nothing understandable lets nobody through", async () => {
    const { client } = listening({ Responses: { l: [{ tag: tagOf("a") }] } });
    await expect(createErasureLedger({ client, table: "l" }).fences([tagOf("a")])).rejects.toMatchObject({
      name: "PermanentError",
    });
  });
});

const DAY = NOW.slice(0, 10);
const NIGHT = "2026-11-21T02:30:00.000Z";
const [ANA, LUIS] = ["web:ana", "web:luis"];
const down = { fences: () => Promise.reject(new TransientError("DynamoDB erasure-ledger: unreachable")) };

describe("the export of a day", () => {
  const begin = () =>
    new FakeLake(NIGHT, [aStoredMessage({ user_id: ANA }), aStoredMessage({ user_id: LUIS })]);
  const whole = { day: DAY, object: 0, objects: 1 };
  const people = (lake: FakeLake) => lake.lakeRows(lakeObjectKey(DAY, 0, 1)).map(({ user_id }) => user_id);

  it("leaves an erased generation out, and takes it out of the file of before", async () => {
    const lake = begin();
    await exportDayObject(whole, lake.exportDeps());
    expect(people(lake)).toEqual([ANA, LUIS]);
    lake.fence(ANA);
    expect(await exportDayObject(whole, lake.exportDeps())).toMatchObject({ fenced: 1 });
    expect(people(lake)).toEqual([LUIS]);
  });

  it("begins anew where somebody is fenced while it reads", async () => {
    const lake = begin();
    let isFirst = true;
    const ledger = {
      async fences(tags: readonly string[]) {
        const fences = await lake.ledger.fences(tags);
        if (isFirst) lake.fence(ANA);
        isFirst = false;
        return fences;
      },
    };
    expect(await exportDayObject(whole, { ...lake.exportDeps(), ledger })).toMatchObject({ attempts: 2 });
    expect(people(lake)).toEqual([LUIS]);
  });

  it("writes nothing while the ledger cannot be asked", async () => {
    const lake = begin();
    await expect(exportDayObject(whole, { ...lake.exportDeps(), ledger: down })).rejects.toThrow(
      "unreachable",
    );
    expect([people(lake), lake.bucket.pending()]).toEqual([[], []]);
  });
});

describe("the publication of what Spark staged", () => {
  const TABLES = [USER_BEHAVIOR, USER_PATTERNS];
  /** Files as JSON: what matters here is who is in them. */
  const files = {
    async write(rows: AsyncIterable<UserRow>, sink: (chunk: Uint8Array) => unknown) {
      const users: unknown[] = [];
      for await (const { user_id } of rows) users.push(user_id);
      await sink(Buffer.from(JSON.stringify(users)));
      return users.length;
    },
    async *read(file: {
      readonly byteLength: number;
      slice(start: number, end?: number): Promise<ArrayBuffer>;
    }) {
      const users: string[] = JSON.parse(Buffer.from(await file.slice(0, file.byteLength)).toString());
      for (const user_id of users)
        yield { user_id, generation: 1n, snapshot_date: 0, metric_date: 0 } as UserRow;
    },
  };

  function begin() {
    const lake = new FakeLake(NIGHT);
    const keys: string[] = [];
    for (const { stagedFolder } of TABLES) {
      const folder = `staging/daily-conversation-analytics/${DAY}/20261120T000000000Z-a/${stagedFolder}`;
      for (const name of ["part-0.zstd.parquet", "_SUCCESS"]) {
        keys.push(`${folder}/${name}`);
        lake.bucket.put(`${folder}/${name}`, Buffer.from(JSON.stringify([ANA, LUIS])));
      }
    }
    const { days, bucket: objects, people, ledger, clock } = lake;
    const deps = {
      ...{ days, objects, people, ledger, clock, keys: lake.keys },
      staged: { keys: async () => keys },
      store: { put: async () => undefined },
      root: "s3://b/",
      sleep: async () => undefined,
      filesOf: () => files,
    };
    const published = async () => {
      const version = await objects.head(USER_BEHAVIOR.key(DAY));
      if (!version) return [];
      return (await collect(files.read(objects.open(USER_BEHAVIOR.key(DAY), version)))).map(
        (row) => row.user_id,
      );
    };
    return { lake, deps, published };
  }

  it("leaves out whoever was erased since Spark read them", async () => {
    const { lake, deps, published } = begin();
    lake.fence(ANA);
    await publishStaged(DAY, TABLES, deps);
    expect(await published()).toEqual([LUIS]);
  });

  it("writes nothing while the ledger cannot be asked", async () => {
    const { lake, deps, published } = begin();
    await expect(publishStaged(DAY, TABLES, { ...deps, ledger: down })).rejects.toThrow("unreachable");
    expect([await published(), lake.bucket.pending()]).toEqual([[], []]);
  });
});
