import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Milliseconds for a test that talks to a real engine. */
const ENGINE_TIMEOUT = 120_000;

/** Files at once where no engine is asked: Vitest leaves one core free, of two that is half. */
const WORKERS = Math.min(4, availableParallelism());

/** A project whose files run one after another, because they share the engines. */
function onEngines(name: string, timeout = ENGINE_TIMEOUT, globalSetup: string[] = []) {
  return {
    test: {
      name,
      globalSetup,
      include: [`test/${name}/**/*.test.ts`],
      fileParallelism: false,
      testTimeout: timeout,
      hookTimeout: timeout,
    },
  };
}

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/summary-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 20_000,
          maxWorkers: WORKERS,
          // Half of the time went into importing the same modules for each file; unit tests share no state.
          isolate: false,
        },
      },
      {
        test: {
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: "simulation",
          include: ["test/simulation/**/*.test.ts"],
          testTimeout: 1_200_000,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          name: "glue-jobs",
          include: ["test/glue-jobs/**/*.test.ts"],
        },
      },
      onEngines("state-machines"),
      onEngines("contract"),
      onEngines("e2e", 300_000),
      onEngines("faults", ENGINE_TIMEOUT, ["./test/faults/support/global-setup.ts"]),
    ],
  },
});
