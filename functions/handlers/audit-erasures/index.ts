import { createAuditErasuresDeps } from "./deps.ts";
import { auditErasuresEnv } from "./env.ts";
import { createAuditErasuresHandler } from "./handler.ts";

export const handler = createAuditErasuresHandler(await createAuditErasuresDeps(auditErasuresEnv()));
