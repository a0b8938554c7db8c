import { createRecheckErasuresDeps } from "./deps.ts";
import { recheckErasuresEnv } from "./env.ts";
import { createRecheckErasuresHandler } from "./handler.ts";

export const handler = createRecheckErasuresHandler(await createRecheckErasuresDeps(recheckErasuresEnv()));
