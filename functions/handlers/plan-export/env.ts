import { z } from "zod";
import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `plan-export`. @throws PermanentError naming what is missing */
export const planExportEnv = () =>
  readEnv({
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
    LAKE_DAYS_TABLE: envFields.table,
    LAKE_OBJECTS: z.coerce.number().int().positive(),
  });
