import { createFencePeopleDeps } from "./deps.ts";
import { fencePeopleEnv } from "./env.ts";
import { createFencePeopleHandler } from "./handler.ts";

export const handler = createFencePeopleHandler(await createFencePeopleDeps(fencePeopleEnv()));
