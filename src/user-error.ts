/**
 * An error for the person who runs Padlock, not for its maintainers: its message is one clear sentence that says what is
 * wrong, where, and what to do. The command line prints the message alone (with the cause under `--debug`) and ends with
 * the exit code: 2 wrong usage or configuration, 3 the environment failed, 4 nothing ran, or only part.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: 2 | 3 | 4;

  constructor(message: string, options: { exitCode?: 2 | 3 | 4; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.exitCode = options.exitCode ?? 2;
  }
}
