import { oneDaySchema } from "../../core/contracts/conversation-export.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { USER_BEHAVIOR, USER_PATTERNS } from "../../core/domain/user-tables.ts";
import { type PublishDeps, type PublishReport, publishStaged } from "../../core/use-cases/publish-staged.ts";
import type { Log } from "../../runtime/logger.ts";

export interface PublishStagedHandlerDeps extends PublishDeps {
  readonly log: Log;
}

/** Function `publish-staged`: publishes what people did on a day, and their patterns up to it. */
export const createPublishStagedHandler =
  ({ log, ...deps }: PublishStagedHandlerDeps) =>
  async (input: unknown): Promise<PublishReport[]> => {
    try {
      const { day } = parse(oneDaySchema, input);
      const reports = await publishStaged(day, [USER_BEHAVIOR, USER_PATTERNS], deps);
      for (const report of reports) log.info("table of people published", { day, ...report });
      return reports;
    } catch (error) {
      log.error("staged tables not published", error);
      throw error;
    }
  };
