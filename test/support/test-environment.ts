/** Variables that make a run of the tests longer or repeat it; the only ones of Hilo's that tests take from a shell. */
const KNOBS = new Set([
  "HILO_CRASH_EVERY",
  "HILO_FAULTS_SEED",
  "HILO_OUTAGE_SECONDS",
  "HILO_SIMULATION_RUNS",
]);

/**
 * Takes out of an environment what leads Hilo, the CDK or an AWS client to a stage or an account: tests erase people,
 * sweep queues and deploy, and must not do that to whatever the shell was prepared for (`export HILO_STAGE=lean`).
 */
export function isolateEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment))
    if (/^(?:AWS|CDK|HILO)_/.test(name) && !KNOBS.has(name)) delete environment[name];
  environment["AWS_CONFIG_FILE"] = "/dev/null";
  environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
  environment["AWS_EC2_METADATA_DISABLED"] = "true";
}
