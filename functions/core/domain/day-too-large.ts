/** A day's object cannot be exported in one function's time: it is left to Glue. Nothing was committed. */
export class DayTooLargeError extends Error {
  override readonly name = "DayTooLargeError";
}
