import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { Client } from "@opensearch-project/opensearch";
import { AwsSigv4Signer } from "@opensearch-project/opensearch/aws";
import { PermanentError } from "../../core/domain/errors.ts";

/** Under the time limit of the states that call it; the workflow retries, not the client. */
const REQUEST_TIMEOUT_MS = 4_000;

export interface OpenSearchConfig {
  readonly url: string;
  /** `iam`: requests are signed with the SDK's credentials. @default "none" */
  readonly auth?: "none" | "iam";
  /** Needed for `iam` where the domain has a name of its own. @default the region in the domain's endpoint */
  readonly region?: string;
}

/** @throws PermanentError when the address is no URL, or the region is not known */
export function createOpenSearchClient({ url, auth = "none", region }: OpenSearchConfig): Client {
  const host = URL.parse(url)?.hostname;
  if (!host) {
    throw new PermanentError("OpenSearch: the address must be a URL, such as https://<domain's endpoint>");
  }
  const options = { node: url, requestTimeout: REQUEST_TIMEOUT_MS, maxRetries: 0 };
  if (auth === "none") return new Client(options);
  const signedRegion = region ?? /\.([a-z0-9-]+)\.(?:es|aos)\.(?:amazonaws\.com|on\.aws)/.exec(host)?.[1];
  if (!signedRegion) {
    throw new PermanentError("OpenSearch: no region to sign for: give it, or use the domain's own endpoint");
  }
  const provider = defaultProvider();
  return new Client({
    ...options,
    ...AwsSigv4Signer({ region: signedRegion, service: "es", getCredentials: provider }),
  });
}
