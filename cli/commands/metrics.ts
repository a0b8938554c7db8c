import { type Command, InvalidArgumentError } from "commander";
import { dayBefore, isDay } from "../../functions/core/domain/day.ts";
import { jsonOf } from "../../functions/core/domain/metric-lines.ts";
import { dayIn } from "../../functions/core/domain/reporting-day.ts";
import { queryNamed } from "../../functions/core/use-cases/ask-query.ts";
import { CommandFailure } from "../failure.ts";
import { formatDay, formatRange } from "../metrics/format-metrics.ts";
import { type Lake, withLake } from "../metrics/lake.ts";
import { type DayMetrics, readDetails, readMetrics } from "../metrics/read-metrics.ts";
import { stageOption } from "../stage-option.ts";
import { withStage } from "../stage-session.ts";

interface MetricsOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
  readonly stage: string;
}

/** Adds `hilo metrics`, the metrics of a day or of a range. */
export function addMetricsCommand(program: Command, defaultStage: string): void {
  program
    .command("metrics")
    .description("show a day's metrics, or those of each day of a range with a chart")
    .argument("[day]", "day of the reporting time zone, such as 2026-11-20; yesterday unless given", parseDay)
    .option("--from <day>", "first day of a range", parseDay)
    .option("--to <day>", "last day of the range; yesterday unless given", parseDay)
    .option("--json", "print one JSON object a day, on a line of its own")
    .addOption(stageOption(defaultStage))
    .action(async (day: string | undefined, options: MetricsOptions) => {
      const { from, to, json, stage } = options;
      if (day !== undefined && (from ?? to) !== undefined)
        throw new CommandFailure("Give a day, or --from and --to, not both", 2);
      if (from === undefined && to !== undefined) throw new CommandFailure("--to needs --from", 2);
      const text = await withStage(stage, (session) =>
        withLake(session, async (lake) => {
          const yesterday = dayBefore(new Date(dayIn(lake.timeZone, new Date())), 1);
          const first = day ?? from ?? yesterday;
          const last = from === undefined ? first : (to ?? yesterday);
          if (first > last) throw new CommandFailure(`The range ends on ${last}, before it begins`, 2);
          const days = await readMetrics(first, last, lake);
          if (json) return days.map(asJson).join("\n");
          return from === undefined ? describeDay(days, lake) : formatRange(days);
        }),
      );
      console.log(text);
    });
}

function parseDay(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError("It takes a day of the calendar, such as 2026-11-20.");
  return text;
}

async function describeDay([day]: readonly DayMetrics[], lake: Lake): Promise<string> {
  if (day === undefined || day.source === "none")
    throw new CommandFailure(
      `The lake has no messages of ${day?.date}: if there were any, export them with npx hilo export ${day?.date}`,
    );
  return formatDay(day, queryNamed("daily-metrics", lake.queries).columns, await readDetails(day.date, lake));
}

const asJson = ({ date, source, metrics }: DayMetrics): string => jsonOf({ date, source, ...metrics });
