/** The version that was being read was removed: read the current one from its beginning. */
export class VersionGoneError extends Error {
  override readonly name = "VersionGoneError";
}
