import type { Command } from "commander";
import { examineStage } from "../doctor/examine-stage.ts";
import type { Finding } from "../doctor/finding.ts";
import { stageOption } from "../stage-option.ts";

/** Adds `hilo doctor`, which looks for what keeps a stage from working. */
export function addDoctorCommand(program: Command, defaultStage: string): void {
  program
    .command("doctor")
    .description(
      "check credentials, region, every table, index, bucket, queue and permission (exit code 1: a fault)",
    )
    .option("--json", "print the findings as JSON")
    .addOption(stageOption(defaultStage))
    .action(async ({ json, stage }: { json?: boolean; stage: string }) => {
      const findings: Finding[] = [];
      for await (const finding of examineStage(stage)) {
        findings.push(finding);
        if (!json) console.log(format(finding));
      }
      const faults = findings.filter(({ fault }) => fault !== undefined).length;
      if (json) console.log(JSON.stringify({ stage, healthy: faults === 0, findings }));
      else
        console.log(
          faults === 0
            ? `Stage ${stage} is healthy.`
            : `Stage ${stage}: ${faults} of ${findings.length} checks found a fault.`,
        );
      if (faults > 0) process.exitCode = 1;
    });
}

const format = ({ check, detail, fault }: Finding): string =>
  fault === undefined
    ? `ok     ${check}${detail === undefined ? "" : `: ${detail}`}`
    : `FAULT  ${check}: ${fault.cause}\n       ${fault.remedy}`;
