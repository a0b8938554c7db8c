import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `finish-erasure`. @throws PermanentError naming what is missing */
export const finishErasureEnv = () =>
  readEnv({
    ...erasureEnvFields,
    RECEIPT_KEY_ID: envFields.url,
    /** `hilo` and its version, for receipts. */
    SOFTWARE: envFields.url,
  });
