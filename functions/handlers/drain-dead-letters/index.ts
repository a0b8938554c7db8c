import { createDrainDeadLettersDeps } from "./deps.ts";
import { drainDeadLettersEnv } from "./env.ts";
import { createDrainDeadLettersHandler } from "./handler.ts";

export const handler = createDrainDeadLettersHandler(await createDrainDeadLettersDeps(drainDeadLettersEnv()));
