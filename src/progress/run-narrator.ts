import packageJson from '../../package.json' with { type: 'json' };
import { messageOf } from '../error-message.ts';
import { openRunViews, type RunViewOptions } from './open-run-views.ts';
import { type RunEvent, type RunEventBody, runEventSchemaVersion } from './run-event.ts';
import type { RunView } from './run-view.ts';

type Command = Extract<RunEvent, { kind: 'run-started' }>['command'];
type RunEnd = Extract<RunEvent, { kind: 'run-ended' }>['result'];

interface NarratorOptions {
  readonly command: Command;
  readonly scenarios?: readonly string[];
  readonly views: readonly RunView[];
  readonly signal: AbortSignal;
}

/**
 * Tells every view what a command does, and when: the first event is `run-started`, the last `run-ended`, even if the
 * command is left by an error or a signal.
 */
export class RunNarrator implements Disposable {
  readonly #views: Set<RunView>;
  readonly #signal: AbortSignal;
  readonly #startedAt = performance.now();
  #hasEnded = false;

  constructor({ command, scenarios = [], views, signal }: NarratorOptions) {
    this.#views = new Set(views);
    this.#signal = signal;
    const schemaVersion = runEventSchemaVersion;
    this.tell({
      kind: 'run-started',
      schemaVersion,
      command,
      padlockVersion: packageJson.version,
      scenarios: [...scenarios],
    });
  }

  /** Opens the views that the options ask for. @throws UserError (2), see {@link openRunViews} */
  static open({ command, scenarios = [], signal, ...options }: Omit<NarratorOptions, 'views'> & RunViewOptions) {
    return new RunNarrator({ command, scenarios, signal, views: openRunViews(options) });
  }

  readonly tell = (body: RunEventBody): void => {
    const { kind, ...rest } = body;
    const sinceMs = Math.round(performance.now() - this.#startedAt);
    const event = { at: new Date().toISOString(), sinceMs, kind, ...rest } as RunEvent;
    for (const view of [...this.#views]) {
      try {
        view.show(event);
      } catch (error) {
        // A view that can show no more must not end the run; the others say so.
        this.#views.delete(view);
        view[Symbol.dispose]();
        this.tell({ kind: 'problem', message: messageOf(error) });
      }
    }
  };

  /** Tells the end and closes the views: whatever the command still has to say on stderr comes below them. */
  end(result: RunEnd, reports: string | null = null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.tell({ kind: 'run-ended', result, reports });
    for (const view of this.#views) view[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.end(this.#signal.aborted ? 'interrupted' : 'error');
  }
}
