import { Writable } from 'node:stream';
import type { KubeClient } from './client.ts';
import { describeCause, KubeError } from './kube-error.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly [string, ...string[]];
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A command that ended in a container. */
export interface ExecEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

interface ExecStatus {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/**
 * Runs a command in a container to its end, without stdin and terminal.
 *
 * @throws KubeError if the API server refuses, the container does not have the program, or the time limit is reached;
 *   the signal's reason
 */
export async function execInPod(kube: KubeClient, request: ExecRequest): Promise<ExecEnd> {
  const { namespace, pod, container, command, withinMs, signal } = request;
  const what = `run ${command[0]} in container ${container} of Pod ${namespace}/${pod}`;
  const { Exec } = await import('@kubernetes/client-node');
  // A listener is not called for a signal that has already aborted.
  signal?.throwIfAborted();
  const stdout = new Collected();
  const stderr = new Collected();
  const { promise, resolve, reject } = Promise.withResolvers<ExecStatus>();
  const limit = AbortSignal.timeout(withinMs);
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const opening = new Exec(kube.connection.kubeConfig)
    .exec(namespace, pod, container, [...command], stdout, stderr, null, false, resolve)
    .catch((error: unknown) => {
      throw refusalOf(what, error);
    });
  const abort = () =>
    reject(
      signal?.aborted
        ? signal.reason
        : new KubeError(`Could not ${what}: it did not end within ${withinMs / 1000} s.`, {
            status: null,
            reason: null,
          }),
    );
  stop.addEventListener('abort', abort, { once: true });
  // Where the limit ends the opening itself, whatever opens later is closed again.
  opening.then(
    (socket) => {
      socket.on('close', () =>
        reject(
          new KubeError(`Could not ${what}: the connection was closed before it ended.`, {
            status: null,
            reason: null,
          }),
        ),
      );
      if (stop.aborted) socket.close();
      else stop.addEventListener('abort', () => socket.close(), { once: true });
    },
    (error: unknown) => reject(error),
  );
  try {
    const status = await promise;
    (await opening).close();
    return { stdout: stdout.text, stderr: stderr.text, exitCode: exitCodeOf(what, status) };
  } finally {
    stop.removeEventListener('abort', abort);
  }
}

class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}

function exitCodeOf(what: string, { status, message, reason, details }: ExecStatus): number {
  if (status === 'Success') return 0;
  const code = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (code !== undefined) return Number(code);
  throw new KubeError(`Could not ${what}: the API server says: ${message ?? 'nothing'}.`, {
    status: null,
    reason: reason ?? null,
  });
}

/** A refused upgrade to a web socket comes as a message that ends in the HTTP status. */
function refusalOf(what: string, error: unknown): KubeError {
  const cause = error instanceof Error ? error : ((error as { error?: unknown } | null)?.error ?? error);
  const message = describeCause(cause);
  const status = /response: (\d{3})/.exec(message)?.[1];
  const said = status === '403' ? 'it is not allowed (403 Forbidden)' : message;
  return new KubeError(`Could not ${what}: ${said}.`, {
    status: status === undefined ? null : Number(status),
    reason: null,
    cause,
  });
}
