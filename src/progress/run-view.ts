import type { RunEvent } from './run-event.ts';

/** Shows a run to someone while it is at work. Showing never waits. */
export interface RunView extends Disposable {
  /** @throws an error when nothing can be shown any more; the view is then of no further use */
  show(event: RunEvent): void;
}

/** Where a view writes: a terminal, a pipe or a file. */
export type ViewStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};
