import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { INSTALLATION, installedSpark, JOB } from "../support/spark.ts";

const JOBS = join(import.meta.dirname, "..", "..", "glue-jobs");
const folders = readdirSync(JOBS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const testsIn = (folder: string): string[] =>
  [...readFileSync(join(JOBS, folder, "test_transform.py"), "utf8").matchAll(/ def (test_\w+)\(/g)].map(
    ([, name]) => name ?? "",
  );

const SETTINGS = `
spark.master local[2]
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.sql.shuffle.partitions 2
`;

const outcome = z.object({ test: z.string(), error: z.string().nullable() });
/** What Python said of each of its tests: why it failed, or null. */
const outcomes = new Map<string, string | null>();
const folder = mkdtempSync(join(tmpdir(), "hilo-spark-"));

// One Spark for all of them: it takes longer to start than to test.
beforeAll(async () => {
  const { python, javaHome } = await installedSpark();
  writeFileSync(join(folder, "spark-defaults.conf"), SETTINGS);
  const { stdout } = await promisify(execFile)(
    python,
    [join(import.meta.dirname, "run_tests.py"), ...folders.map(({ name }) => name)],
    {
      cwd: folder,
      env: {
        ...process.env,
        JAVA_HOME: javaHome,
        PYTHONDONTWRITEBYTECODE: "1",
        SPARK_CONF_DIR: folder,
        SPARK_LOCAL_IP: "127.0.0.1",
        TZ: "UTC",
      },
      maxBuffer: 1 << 26,
    },
  );
  for (const line of stdout.split("\n").filter((text) => text.startsWith("{"))) {
    const { test, error } = outcome.parse(JSON.parse(line));
    outcomes.set(test, error);
  }
}, INSTALLATION + JOB);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(folders)("glue-jobs/$name", ({ name }) => {
  it.each(testsIn(name))("%s", (test) => {
    expect(outcomes.get(`${name}: ${test}`)).toBeNull();
  });
});
