import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { CellPki } from './pki.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(address: string, path: string, pki: CellPki, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { certificate, key } = pki.identities.admin;
    const call = request(
      {
        host: address,
        port: 6443,
        path,
        ca: pki.caCertificate,
        cert: certificate,
        key,
        agent: false,
        signal,
        timeout: 2000,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer within 2 s')));
    call.on('error', reject);
    call.end();
  });
}

interface ReadinessWait {
  readonly address: string;
  readonly pki: CellPki;
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Called once, when it answers at all: most of its clients can start then. */
  onAnswering(): void;
}

/**
 * Waits until the API server says it is ready. Nothing announces that, so it is asked every 25 ms.
 *
 * @throws with what was last seen
 */
export async function apiServerReady({ address, pki, withinMs, signal, onAnswering }: ReadinessWait): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  let lastSeen = 'nothing';
  let answering = false;
  for (;;) {
    if (signal.aborted) throw signal.reason;
    if (limit.aborted) throw new Error(`the API server was not ready within ${withinMs} ms; last seen: ${lastSeen}`);
    try {
      const { status, body } = await ask(address, '/readyz', pki, limit);
      if (!answering) onAnswering();
      answering = true;
      if (status === 200) return;
      lastSeen = `${status} ${
        body
          .split('\n')
          .filter((line) => line.startsWith('[-]'))
          .join(' ') || body.slice(0, 200)
      }`;
    } catch (error) {
      if (!limit.aborted) lastSeen = String(error);
    }
    await delay(25, undefined, { signal: limit }).catch(() => {});
  }
}
