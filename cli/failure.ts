/** A command cannot do what it was asked; the message is one line that says what to do about it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** Exit code of the process: 1 for a failure, 3 for a stage that is not ready. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
