import { createRouterDeps } from "./deps.ts";
import { routerEnv } from "./env.ts";
import { createRouterHandler } from "./handler.ts";

export const handler = createRouterHandler(await createRouterDeps(routerEnv()));
