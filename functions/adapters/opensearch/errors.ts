import { errors } from "@opensearch-project/opensearch";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";

/** What a failed call to OpenSearch means for the workflow. Answers can repeat documents: only status and type stay. */
export function openSearchFailure(error: unknown): TransientError | PermanentError {
  if (error instanceof TransientError || error instanceof PermanentError) return error;
  if (error instanceof errors.ResponseError) return responseFailure(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const cause = error instanceof Error ? error.name : "unknown";
  if (cause === "ConfigurationError" || cause === "CredentialsProviderError") {
    return new PermanentError(
      "OpenSearch: no AWS credentials to sign with: give the function a role, or run `aws configure`",
    );
  }
  return new TransientError(
    `OpenSearch: no answer (network, ${typeof code === "string" ? code : cause}): check that it runs, its endpoint and the security group`,
  );
}

/** Makes a call to OpenSearch; what it throws is `openSearchFailure` of it. */
export async function guarded<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    throw openSearchFailure(error);
  }
}

function responseFailure(error: errors.ResponseError): TransientError | PermanentError {
  const status = error.statusCode ?? 0;
  const type = typeOf(error);
  const what = `${status}${type ? ` ${type}` : ""}`;
  if (type === "cluster_block_exception") {
    return new PermanentError(
      `OpenSearch: a month is read-only (${what}): free disk space or lift the block; nothing in it can be changed or erased`,
    );
  }
  if (status === 401 || status === 403) {
    return new PermanentError(
      `OpenSearch: credentials or permission refused (${what}): map the function's role in fine-grained access control and check its es:ESHttp* grants`,
    );
  }
  if (status === 404) {
    return new PermanentError(
      `OpenSearch: the alias conversations is missing (${what}): deploy the search stack, or apply the search templates`,
    );
  }
  if (type === "index_closed_exception") {
    return new PermanentError(
      `OpenSearch: a month is closed (${what}): open it, or delete it; what is closed can be neither searched nor erased`,
    );
  }
  if (status === 429 || status >= 500) {
    return new TransientError(
      `OpenSearch: busy or failing (${what}): passes by itself; if it lasts, look at its load`,
    );
  }
  return new PermanentError(
    `OpenSearch: request refused (${what}): apply the search templates of this version, and reindex a month whose mapping differs`,
  );
}

/** The error's type, such as `mapper_parsing_exception`; of a deletion by query, its first failure's. */
function typeOf(error: errors.ResponseError): string | undefined {
  const { error: whole, failures } = Object(error.body) as {
    readonly error?: unknown;
    readonly failures?: readonly { readonly cause?: unknown }[];
  };
  const { type } = Object(whole ?? failures?.[0]?.cause) as { readonly type?: unknown };
  return typeof type === "string" && /^[a-z_]{1,80}$/.test(type) ? type : undefined;
}
