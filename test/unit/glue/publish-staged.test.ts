import { describe, expect, it } from "vitest";
import { createParquetFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import {
  USER_BEHAVIOR,
  USER_FILE_ITEM,
  USER_PATTERNS,
  type UserRow,
  type UserTable,
} from "../../../functions/core/domain/user-tables.ts";
import { type PublishDeps, publishStaged } from "../../../functions/core/use-cases/publish-staged.ts";
import { NOW, tagOf } from "../../support/builders.ts";
import { FakeLake } from "../../support/fakes/fake-lake.ts";
import { collect, stream, writtenBy } from "../../support/parquet/rows.ts";

const DAY = "2026-11-19";
const DAYS = Date.parse(DAY) / 86_400_000;
const FOLDER = `staging/daily-conversation-analytics/${DAY}/`;
const RUN = "20261120T000000000Z-a";
const TABLES = [USER_BEHAVIOR, USER_PATTERNS];

const filesOf = ({ schema }: UserTable) =>
  createParquetFiles<UserRow>(schema, "hyparquet", [...schema.order, "generation"]);

/** A row of a table: 1, "{}" or nothing in every column that is not given. */
const aRow = ({ schema }: UserTable, user_id: string, over: Partial<UserRow> = {}): UserRow => {
  const values = {
    string: "x",
    json: "{}",
    bigint: 1n,
    double: 0.5,
    boolean: false,
    timestamp: 0,
    date: DAYS,
  };
  const columns = schema.columns.map(({ name, type, nullable }) => [name, nullable ? null : values[type]]);
  return { ...Object.fromEntries(columns), user_id, generation: 1n, ...over } as UserRow;
};

class Scene {
  readonly lake = new FakeLake(NOW);
  readonly texts = new Map<string, string>();
  readonly #staged = new Set<string>();

  #put(key: string, bytes: Uint8Array): void {
    this.lake.bucket.put(key, bytes);
    this.#staged.add(key);
  }

  /** The lake's days, one of their methods by another. */
  daysWith(recordUpload: PublishDeps["days"]["recordUpload"]): PublishDeps["days"] {
    const { days } = this.lake;
    return {
      fenceSequence: () => days.fenceSequence(),
      read: (day) => days.read(day),
      forgetUpload: (...entry) => days.forgetUpload(...entry),
      record: (entry) => days.record(entry),
      recordUpload,
    };
  }

  deps(over: Partial<PublishDeps> = {}): PublishDeps {
    const { days, bucket: objects, people, ledger, keys, clock } = this.lake;
    return {
      ...{ days, objects, people, ledger, keys, clock, filesOf },
      staged: {
        keys: async (prefix) => [...this.#staged].filter((key) => key.startsWith(prefix)).sort(),
      },
      store: { put: async (key, body) => void this.texts.set(key, body) },
      root: "s3://b/",
      sleep: async () => undefined,
      ...over,
    };
  }

  /** Stages rows of both tables, two files each, as a finished run. */
  async stage(users: readonly string[], { run = RUN, over = {} as Partial<UserRow> } = {}): Promise<void> {
    for (const table of TABLES) {
      const rows = users.map((user) => aRow(table, user, over));
      for (const [index, part] of [rows.slice(0, 1), rows.slice(1)].entries()) {
        const { bytes } = await writtenBy((sink) => filesOf(table).write(stream(part), sink));
        this.#put(`${FOLDER}${run}/${table.stagedFolder}/part-0000${index}-u.zstd.parquet`, bytes);
      }
      this.#put(`${FOLDER}${run}/${table.stagedFolder}/_SUCCESS`, new Uint8Array(1));
    }
  }

  async usersIn(table: UserTable, day = DAY): Promise<string[]> {
    const key = table.key(day);
    const version = await this.lake.bucket.head(key);
    if (!version) return [];
    return (await collect(filesOf(table).read(this.lake.bucket.open(key, version)))).map(
      (row) => row.user_id,
    );
  }
}

describe("publishing what Spark staged", () => {
  it("publishes both tables under the given names and says where they are", async () => {
    const scene = new Scene();
    await scene.stage(["web:a", "web:b", "web:c"]);
    expect(await publishStaged(DAY, TABLES, scene.deps())).toMatchObject([
      { table: "user_behavior", status: "published", rows: 3, fenced: 0 },
      { table: "user_patterns", status: "published", rows: 3, fenced: 0 },
    ]);
    expect(USER_BEHAVIOR.key(DAY)).toBe(
      "analytics/user_behavior/daily/year=2026/month=11/day=19/user_behavior.parquet",
    );
    expect(USER_PATTERNS.key(DAY)).toBe("analytics/user_behavior/aggregated_patterns.parquet");
    for (const table of TABLES) expect(await scene.usersIn(table)).toEqual(["web:a", "web:b", "web:c"]);
    expect([...scene.texts]).toEqual([
      ["analytics/user_patterns/files.txt", "s3://b/analytics/user_behavior/aggregated_patterns.parquet\n"],
    ]);
  });

  it("has everybody in the index of objects before the file is there", async () => {
    const scene = new Scene();
    await scene.stage(["web:a", "web:b"]);
    const { days } = scene.lake;
    const seen: (number | undefined)[] = [];
    const watched = scene.daysWith(async (entry) => {
      seen.push(scene.lake.people.generationOf(entry.upload.key, "web:b"));
      expect(scene.lake.bucket.versions(entry.upload.key)).toHaveLength(0);
      return days.recordUpload(entry);
    });
    await publishStaged(DAY, TABLES, scene.deps({ days: watched }));
    expect(seen).toEqual([1, 1]);
  });

  it("records what it published, and leaves no upload that could land", async () => {
    const scene = new Scene();
    await scene.stage(["web:a"]);
    await publishStaged(DAY, TABLES, scene.deps());
    for (const table of TABLES) {
      const { items } = await scene.lake.days.read(table.place(DAY));
      const item = items.get(USER_FILE_ITEM);
      expect(item?.upload).toBeUndefined();
      expect(item?.manifest).toMatchObject({ key: table.key(DAY), rows: 1 });
    }
    expect(scene.lake.bucket.pending()).toEqual([]);
  });

  it("leaves out whoever was erased since Spark read them, and not who came back", async () => {
    const scene = new Scene();
    await scene.stage(["web:a", "web:b"]);
    scene.lake.fence("web:a", 1);
    expect(await publishStaged(DAY, TABLES, scene.deps())).toMatchObject([
      { rows: 1, fenced: 1 },
      { rows: 1, fenced: 1 },
    ]);
    await scene.stage(["web:a", "web:b"], { run: "20261120T000000001Z-a", over: { generation: 2n } });
    expect(await publishStaged(DAY, TABLES, scene.deps())).toMatchObject([{ rows: 2 }, { rows: 2 }]);
  });

  it("filters again when somebody is erased between reading the ledger and the commit", async () => {
    const scene = new Scene();
    await scene.stage(["web:a", "web:b"]);
    const { bucket } = scene.lake;
    let isFenced = false;
    const objects: PublishDeps["objects"] = {
      head: (key) => bucket.head(key),
      open: (key, version) => bucket.open(key, version),
      abort: (upload) => bucket.abort(upload),
      async begin(key, about) {
        const upload = await bucket.begin(key, about);
        const end = async (): Promise<number> => {
          if (!isFenced) scene.lake.fence("web:b");
          isFenced = true;
          return upload.end();
        };
        return { ...upload, end };
      },
    };
    expect(await publishStaged(DAY, TABLES, scene.deps({ objects }))).toMatchObject([
      { rows: 1, fenced: 1 },
      { rows: 1, fenced: 1 },
    ]);
    expect(await scene.usersIn(USER_BEHAVIOR)).toEqual(["web:a"]);
    expect(bucket.versions(USER_BEHAVIOR.key(DAY))).toHaveLength(1);
    expect(bucket.pending()).toEqual([]);
  });

  it("does not put patterns of an earlier day over those of a later one", async () => {
    const scene = new Scene();
    await scene.stage(["web:a", "web:b"], { over: { until: DAYS + 1, date: DAYS } });
    await publishStaged(DAY, TABLES, scene.deps());
    await scene.stage(["web:c"], { run: "20261121T000000000Z-a" });
    expect(await publishStaged(DAY, TABLES, scene.deps())).toMatchObject([
      { table: "user_behavior", status: "published" },
      { table: "user_patterns", status: "superseded" },
    ]);
    expect(await scene.usersIn(USER_BEHAVIOR)).toEqual(["web:c"]);
    expect(await scene.usersIn(USER_PATTERNS)).toEqual(["web:a", "web:b"]);
  });

  it("begins again where an erasure replaces the file that it reads", async () => {
    const scene = new Scene();
    await scene.stage(["web:a", "web:b"], { over: { until: DAYS, date: DAYS } });
    await publishStaged(DAY, TABLES, scene.deps());
    const { bucket } = scene.lake;
    const key = USER_PATTERNS.key(DAY);
    const open = bucket.open.bind(bucket);
    let isReplaced = false;
    bucket.open = (name, version) => {
      const [old] = bucket.versions(name);
      if (name === key && old && !isReplaced) {
        isReplaced = true;
        bucket.put(key, old.bytes, "removal");
        bucket.removeVersion(key, old.versionId);
      }
      return open(name, version);
    };
    expect(await publishStaged(DAY, TABLES, scene.deps())).toMatchObject([{ rows: 2 }, { rows: 2 }]);
    expect(isReplaced).toBe(true);
  });

  it("publishes an empty day as a file without rows", async () => {
    const scene = new Scene();
    await scene.stage([]);
    expect(await publishStaged(DAY, TABLES, scene.deps())).toMatchObject([{ rows: 0 }, { rows: 0 }]);
    expect(scene.lake.bucket.versions(USER_BEHAVIOR.key(DAY))).toHaveLength(1);
  });

  it("says so when no run was finished", async () => {
    const scene = new Scene();
    await scene.stage(["web:a"]);
    const keys = async () => [`${FOLDER}${RUN}/user_behavior/_SUCCESS`];
    await expect(publishStaged(DAY, TABLES, scene.deps({ staged: { keys } }))).rejects.toThrow(
      /nothing of 2026-11-19 is staged/,
    );
  });

  it("gives up after others came between too often, and leaves nothing behind", async () => {
    const scene = new Scene();
    await scene.stage(["web:a"]);
    const days = scene.daysWith(async () => "overtaken");
    await expect(publishStaged(DAY, TABLES, scene.deps({ days }))).rejects.toThrow(/overtaken 5 times/);
    expect(scene.lake.bucket.pending()).toEqual([]);
    expect(scene.lake.bucket.versions(USER_BEHAVIOR.key(DAY))).toEqual([]);
  });

  it("asks the ledger by keyed hashes only", async () => {
    const scene = new Scene();
    await scene.stage(["web:a"]);
    const asked: string[] = [];
    const ledger = {
      fences: async (tags: readonly string[]) => {
        asked.push(...tags);
        return scene.lake.ledger.fences(tags);
      },
    };
    await publishStaged(DAY, TABLES, scene.deps({ ledger }));
    expect(new Set(asked)).toEqual(new Set([tagOf("web:a")]));
  });
});
