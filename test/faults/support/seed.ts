/** The run's seed: that of `HILO_FAULTS_SEED`, else a new one. Failures print it. */
export const RUN_SEED = Number(process.env["HILO_FAULTS_SEED"] ?? Date.now() % 1_000_000);
