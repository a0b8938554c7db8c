import { z } from "zod";
import { openSearchEnvFields, readEnv } from "../../runtime/env.ts";

const roleArns = z
  .string()
  .default("")
  .transform((arns) => arns.split(",").filter((arn) => arn !== ""));

/** The environment of `apply-search-templates`. @throws PermanentError naming what is missing */
export const applySearchTemplatesEnv = () =>
  readEnv({
    ...openSearchEnvFields,
    /** Roles that may index, where the domain controls access by role. */
    OPENSEARCH_WRITER_ROLES: roleArns,
    /** Roles that may also read and remove, for comparisons. */
    OPENSEARCH_REPAIRER_ROLES: roleArns,
    /** Roles that may find and delete a person's documents. */
    OPENSEARCH_ERASER_ROLES: roleArns,
    /** Roles that may read a person's documents. */
    OPENSEARCH_READER_ROLES: roleArns,
    /** Roles of people who work with the command. */
    OPENSEARCH_OPERATOR_ROLES: roleArns,
  });
