import { formatContext, readRecentContext } from "../../cli/commands/context.ts";
import { formatPlan } from "../../cli/erase/format-erasure.ts";
import { planErasure } from "../../cli/erase/plan-erasure.ts";
import { startErasure } from "../../cli/erase/start-erasure.ts";
import type { StageSession } from "../../cli/stage-session.ts";
import type { Progress } from "../progress.ts";
import { section } from "./section.ts";

/** Erases one person from every store by the state machine, and shows the plan, the proof and what is left. */
export async function showErasure(session: StageSession, user: string, progress: Progress): Promise<string> {
  const planned = await progress.step("planning an erasure", (detail) =>
    planErasure(session, { userIds: [user], include: [], exclude: [] }, ({ status }) => detail(status)),
  );
  const { request, text, failure } = await progress.step("erasing and verifying", (detail) =>
    startErasure(session, planned.request_id, true, ({ status }) => detail(status)),
  );
  if (request.status !== "completed") throw new Error(`the erasure is ${request.status}: ${failure}`);
  return [
    section(`npx hilo erase plan ${user}`, formatPlan(planned)),
    section(`npx hilo erase start ${request.request_id} --approve`, text),
    section(`npx hilo context ${user}`, formatContext(await readRecentContext(session, user, 6))),
  ].join("\n");
}
