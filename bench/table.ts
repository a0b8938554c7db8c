import type { Machine } from "./machine.ts";
import type { Result } from "./result.ts";

/** A suite's results as a Markdown table, which a terminal shows as well. */
export function table(title: string, results: readonly Result[]): string {
  const lines = results.map(({ what, measured, against, target }) => {
    const verdict = target === undefined ? "" : `${target.met ? "✓" : "✗ missed"} ${target.text}`;
    return `| ${what} | ${measured} | ${against} | ${verdict} |`;
  });
  return [`\n### ${title}\n`, "| What | Measured | Against | Target |", "|---|---|---|---|", ...lines].join(
    "\n",
  );
}

export const machineLine = ({ cores, processor, memoryGiB, platform, node, load }: Machine): string =>
  `${cores} cores (${processor}), ${memoryGiB} GiB, ${platform}, Node ${node}; load ${load} at the start`;
