import { erasureEnvFields, openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `erase-search`. @throws PermanentError naming what is missing */
export const eraseSearchEnv = () =>
  readEnv({
    ...erasureEnvFields,
    ...openSearchEnvFields,
  });
