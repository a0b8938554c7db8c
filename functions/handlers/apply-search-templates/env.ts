import { z } from "zod";
import { openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `apply-search-templates`. @throws PermanentError naming what is missing */
export const applySearchTemplatesEnv = () =>
  readEnv({
    ...openSearchEnvFields,
    /** Roles that may index, where the domain controls access by role. */
    OPENSEARCH_WRITER_ROLES: z
      .string()
      .default("")
      .transform((arns) => arns.split(",").filter((arn) => arn !== "")),
  });
