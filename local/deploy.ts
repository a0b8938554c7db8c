import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CommandFailure } from "../cli/failure.ts";
import { readStageOutputs } from "../cli/stage-outputs.ts";
import { localAwsOptions } from "./aws-options.ts";
import { LOOPBACK, type LocalConfig } from "./config.ts";
import { clearStamp, isStamped, writeStamp } from "./engines/stamp.ts";
import type { Lifetime } from "./lifetime.ts";
import type { Progress } from "./progress.ts";
import { fingerprintSources } from "./source-fingerprint.ts";
import { enableTimeToLive } from "./time-to-live.ts";
import { runTool } from "./tool.ts";

/** Stage of the CDK app that runs on the emulator. */
const STAGE = "local";
/** Milliseconds that one run of the CDK may take. */
const CDK_TIMEOUT = 300_000;

/**
 * Deploys the CDK app's local stage to the running emulator, unless what is deployed there is what the sources say.
 * Afterwards it turns on what CloudFormation does not turn on there: the tables' time to live.
 * @throws ToolError when the CDK fails or takes too long
 */
export async function deployStage(
  config: LocalConfig,
  progress: Progress,
  lifetime: Lifetime,
): Promise<void> {
  const stamp = join(config.folder, "deployed.stamp");
  const wanted = fingerprintSources(config);
  const aws = localAwsOptions(config.ports.aws);
  if (isStamped(stamp, wanted) && (await isDeployed(aws))) {
    progress.say("  ✓ deployment is up to date");
    return;
  }
  clearStamp(stamp);
  const assembly = join(config.folder, "cdk.out");
  await progress.step("deployment", async (detail) => {
    const cdk = (name: string, args: readonly string[]): Promise<void> =>
      runTool(
        process.execPath,
        [join(config.root, "node_modules", "aws-cdk", "bin", "cdk"), ...args, "--output", assembly],
        {
          cwd: config.root,
          env: deployEnvironment(config),
          lifetime,
          timeout: CDK_TIMEOUT,
          logFile: join(config.folder, "logs", `${name}.log`),
          onLine: (line) => line.trim() && detail(describeLine(line)),
        },
      );
    if (!(await hasStack(aws, "CDKToolkit"))) {
      detail("preparing the account");
      await cdk("cdk-bootstrap", ["bootstrap", "aws://000000000000/us-east-1"]);
    }
    detail("building the functions");
    await cdk("cdk-deploy", [
      "deploy",
      "--all",
      "--require-approval",
      "never",
      "--progress",
      "events",
      "--concurrency",
      "2",
    ]);
    await enableTimeToLive(assembly, aws);
    await takeCheckpoint(aws.endpoint);
  });
  writeStamp(stamp, wanted);
}

/** Has the emulator write down what was deployed, so that it survives a kill. */
async function takeCheckpoint(endpoint: string): Promise<void> {
  const { ok, status } = await fetch(`${endpoint}/_hilo/checkpoint`, { method: "POST" });
  if (!ok) throw new Error(`the emulator could not write down its state (HTTP ${status})`);
}

async function isDeployed(aws: ReturnType<typeof localAwsOptions>): Promise<boolean> {
  try {
    await readStageOutputs({ stage: STAGE, aws });
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}

async function hasStack(aws: ReturnType<typeof localAwsOptions>, name: string): Promise<boolean> {
  const client = new CloudFormationClient(aws);
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks.some(({ StackStatus }) => StackStatus?.endsWith("_COMPLETE"));
  } catch {
    return false; // CloudFormation reports an unknown stack as a validation error.
  } finally {
    client.destroy();
  }
}

/** `hilo-local-data | 12/30 | 10:00:00 | CREATE_COMPLETE | …` becomes `hilo-local-data 40 %`. */
function describeLine(line: string): string {
  const [, stack, done, all] = /^(\S+) \|\s*(\d+)\/(\d+) \|/.exec(line) ?? [];
  if (stack && Number(all) > 0) return `${stack} ${Math.round((100 * Number(done)) / Number(all))} %`;
  return line.trim().slice(0, 60);
}

/** What the CDK gets: of the host's, nothing that could lead it to an account (it takes its options from CDK_…, too). */
export function deployEnvironment(
  { root, ports }: LocalConfig,
  given: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const { region, endpoint, credentials } = localAwsOptions(ports.aws);
  const host = Object.entries(given).filter(([name]) => !/^(?:AWS|CDK)_/.test(name));
  return {
    ...Object.fromEntries(host),
    PATH: `${join(root, "node_modules", ".bin")}:${given["PATH"] ?? ""}`,
    HILO_STAGE: STAGE,
    HILO_LOCAL_REDIS_URL: `redis://${LOOPBACK}:${ports.redis}`,
    HILO_LOCAL_OPENSEARCH_URL: `http://${LOOPBACK}:${ports.opensearch}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CDK_DISABLE_VERSION_CHECK: "true",
    CI: "true",
  };
}
