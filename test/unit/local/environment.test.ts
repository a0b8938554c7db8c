import { describe, expect, it } from "vitest";
import { readCliEnvironment } from "../../../cli/env.ts";
import { connectTo } from "../../../cli/stage-connection.ts";
import { readLocalConfig } from "../../../local/config.ts";
import { deployEnvironment } from "../../../local/deploy.ts";
import { isolateEnvironment } from "../../support/test-environment.ts";

/** A shell in which somebody has just deployed to AWS, as the README says. */
const shell = () => ({
  PATH: "/usr/bin",
  HILO_STAGE: "lean",
  HILO_ERASURE_DRAIN_SECONDS: "960",
  HILO_SIMULATION_RUNS: "5",
  AWS_PROFILE: "production",
  AWS_ACCESS_KEY_ID: "real",
  CDK_PROFILE: "production",
});

describe("a shell prepared for AWS", () => {
  it("does not lead the tests there", () => {
    const environment: NodeJS.ProcessEnv = shell();
    isolateEnvironment(environment);
    expect(environment).toEqual({
      PATH: "/usr/bin",
      HILO_SIMULATION_RUNS: "5",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    });
    expect(connectTo(readCliEnvironment(environment).stage).aws.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  it("does not lead the CDK there when it deploys to the emulator", () => {
    const environment = deployEnvironment(readLocalConfig({}), shell());
    expect(environment).toMatchObject({ HILO_STAGE: "local", AWS_ACCESS_KEY_ID: "test" });
    expect(Object.keys(environment)).not.toContain("AWS_PROFILE");
    expect(Object.keys(environment)).not.toContain("CDK_PROFILE");
  });
});
