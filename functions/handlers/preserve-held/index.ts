import { createPreserveHeldDeps } from "./deps.ts";
import { preserveHeldEnv } from "./env.ts";
import { createPreserveHeldHandler } from "./handler.ts";

export const handler = createPreserveHeldHandler(await createPreserveHeldDeps(preserveHeldEnv()));
