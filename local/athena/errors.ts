/** Athena refuses a request; the message says why in its words. */
export class InvalidRequest extends Error {
  override readonly name = "InvalidRequestException";
}
