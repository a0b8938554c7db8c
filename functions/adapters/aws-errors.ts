import { PermanentError, TransientError } from "../core/domain/errors.ts";

/** The call that failed. None of the fields may hold a user's id or a text. */
export interface AwsCall {
  /** `DynamoDB`, `S3`, `SQS`, … */
  readonly store: string;
  readonly operation: string;
  /** Table, bucket, queue or machine. */
  readonly resource: string;
}

type Cause =
  | "credentials"
  | "region"
  | "missing"
  | "permission"
  | "throttled"
  | "conflict"
  | "unreachable"
  | "unavailable"
  | "rejected";

const EXPLANATION: Readonly<Record<Cause, string>> = {
  credentials:
    "the credentials are missing, wrong or expired: set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in again",
  region: "the region is missing or wrong: set AWS_REGION to the region of the deployment",
  missing: "it does not exist in this account and region: deploy the stack, or check AWS_REGION and the name",
  permission: "permission denied: grant the role this action on this resource and on its KMS key",
  throttled: "throttled: it is retried; if it goes on, look at the table's or account's limits",
  conflict: "another write was under way: it is retried",
  unreachable:
    "unreachable: check the network, AWS_REGION and AWS_ENDPOINT_URL, and in a VPC the gateway endpoint",
  unavailable: "the service failed: it is retried; if it goes on, look at the AWS health page",
  rejected:
    "the request was rejected as invalid: the deployed version does not fit its resources; deploy again",
};

const CAUSES: ReadonlyMap<string, Cause> = new Map(
  Object.entries({
    credentials:
      "CredentialsProviderError UnrecognizedClientException InvalidClientTokenId InvalidSignatureException SignatureDoesNotMatch InvalidAccessKeyId ExpiredToken ExpiredTokenException IncompleteSignature MissingAuthenticationToken MissingAuthenticationTokenException InvalidToken TokenProviderError",
    region: "AuthorizationHeaderMalformed PermanentRedirect IllegalLocationConstraintException",
    missing:
      "ResourceNotFoundException NotFoundException NoSuchBucket NotFound QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue StateMachineDoesNotExist StateMachineDeleting",
    permission:
      "AccessDeniedException AccessDenied Forbidden NotAuthorized AuthorizationError KMSAccessDeniedException KmsAccessDenied KMS.AccessDeniedException",
    throttled:
      "ProvisionedThroughputExceededException ProvisionedThroughputExceeded ThrottlingException ThrottlingError Throttling RequestLimitExceeded TooManyRequestsException RequestThrottled SlowDown KMSThrottlingException KmsThrottled KMS.ThrottlingException",
    conflict:
      "TransactionConflictException TransactionConflict TransactionInProgressException IdempotentParameterMismatchException ReplicatedWriteConflictException",
    unreachable:
      "ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH EPIPE ERR_SOCKET_CONNECTION_TIMEOUT TimeoutError NetworkingError AbortError RequestTimeout",
    unavailable:
      "InternalServerError InternalServerErrorException InternalError InternalFailure ServiceUnavailable",
  } satisfies Partial<Record<Cause, string>>).flatMap(([cause, names]) =>
    names.split(" ").map((name) => [name, cause as Cause]),
  ),
);

const PERMANENT: ReadonlySet<Cause> = new Set(["credentials", "region", "missing", "permission", "rejected"]);

/** Name, code and HTTP status of an SDK's or Node's error; never its message, which may quote data. */
function describe(error: unknown): { name: string; code: string; status: number; noRegion: boolean } {
  const { name, code, message, $metadata } = Object(error) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return {
    name: typeof name === "string" ? name : "Error",
    code: typeof code === "string" ? code : "",
    status: $metadata?.httpStatusCode ?? 0,
    noRegion: typeof message === "string" && message.startsWith("Region is missing"),
  };
}

/** What an error of an AWS call, or a transaction's cancellation code, comes from. */
export function causeOf(error: unknown): Cause {
  if (typeof error === "string") return CAUSES.get(error) ?? "rejected";
  const { name, code, status, noRegion } = describe(error);
  if (noRegion) return "region";
  const known = CAUSES.get(name) ?? CAUSES.get(code);
  if (known) return known;
  if (status === 403) return "permission";
  if (status === 429) return "throttled";
  return status >= 400 && status < 500 ? "rejected" : "unavailable";
}

/** True when the same call may succeed later. */
export const isTransientCause = (cause: Cause): boolean => !PERMANENT.has(cause);

/**
 * The domain's error for a failed AWS call: names store, operation, resource, cause and remedy.
 * Errors of the domain pass through. The SDK's message is left out, for it may quote ids.
 */
export function awsError(
  error: unknown,
  { store, operation, resource }: AwsCall,
): PermanentError | TransientError {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  const cause = causeOf(error);
  const { name, code } = describe(error);
  const message = `${store} ${operation} on ${resource}: ${EXPLANATION[cause]} (${code || name})`;
  return isTransientCause(cause) ? new TransientError(message) : new PermanentError(message);
}
