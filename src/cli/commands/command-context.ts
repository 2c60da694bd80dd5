/** What every command gets beside its own options. */
export interface CommandContext {
  /** Aborted by Ctrl-C and SIGTERM: a command then removes what it made and ends. */
  readonly signal: AbortSignal;
  /** Aborted when nobody reads stdout any more: a command that only goes on printing then ends. */
  readonly readerGone?: AbortSignal | undefined;
  /** Notes the exit code that a command ended with. */
  end(code: Promise<number>): Promise<void>;
}
