import { z } from "zod";
import { userIdSchema } from "./message-schema.ts";

/** Input of the function `preserve-held`: somebody who was put under a hold now, or nobody: then all holds are looked after. */
export const preserveHeldSchema = z.object({ user_id: userIdSchema.exactOptional() });
