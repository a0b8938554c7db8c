/** A query's parameter is no value of its type. Nothing was sent; the message does not repeat the value. */
export class InvalidQueryParameterError extends Error {
  override readonly name = "InvalidQueryParameterError";
}

/** The engine refused a query or gave it up; the message says why without the query's text or any value. */
export class QueryFailedError extends Error {
  override readonly name = "QueryFailedError";
}

/** A query was stopped: by whoever asked it, by somebody else, or by the workgroup's limit. */
export class QueryCancelledError extends Error {
  override readonly name = "QueryCancelledError";
}
