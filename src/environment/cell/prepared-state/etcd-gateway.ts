import { open } from 'node:fs/promises';
import { request } from 'node:http';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** A key of etcd with its value, as the API server stored it. */
export interface StoredValue {
  readonly key: string;
  readonly value: Buffer;
}

const healthSchema = z.object({ health: z.string() });
const rangeSchema = z.object({
  kvs: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
});
const txnSchema = z.object({ succeeded: z.literal(true) });

/** etcd's own limits are 128 operations and 1.5 MiB for a request (`--max-txn-ops`, `--max-request-bytes`). */
const mostOperations = 100;
const mostBytes = 1_000_000;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

/**
 * etcd's gateway: its v3 API as JSON over HTTP (etcd.io, "gRPC gateway"), here on a Unix socket, which is reached across network
 * namespaces.
 */
export class EtcdGateway {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /**
   * Waits until etcd serves. Nothing announces that, so it is asked every 10 ms.
   *
   * @param withinMs the time limit, in milliseconds
   * @throws with what was last seen; the signal's reason
   */
  async untilReady(withinMs: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + withinMs;
    let lastSeen = 'nothing';
    while (performance.now() < deadline) {
      signal.throwIfAborted();
      try {
        const { health } = healthSchema.parse(await this.#call('GET', '/health', undefined, signal));
        if (health === 'true') return;
        lastSeen = `health ${health}`;
      } catch (error) {
        lastSeen = String(error);
      }
      await delay(10, undefined, { signal });
    }
    throw new Error(`etcd did not serve within ${withinMs} ms; last seen: ${lastSeen}`);
  }

  /** Everything whose key begins with a prefix, in the order of the keys. */
  async range(prefix: string, signal: AbortSignal): Promise<readonly StoredValue[]> {
    const last = prefix.charCodeAt(prefix.length - 1);
    const end = `${prefix.slice(0, -1)}${String.fromCharCode(last + 1)}`;
    const body = { key: base64(prefix), range_end: base64(end) };
    const { kvs } = rangeSchema.parse(await this.#call('POST', '/v3/kv/range', body, signal));
    return kvs.map(({ key, value }) => ({
      key: Buffer.from(key, 'base64').toString(),
      value: Buffer.from(value, 'base64'),
    }));
  }

  /** Stores values, in as few transactions as etcd's limits allow. */
  async put(values: readonly StoredValue[], signal: AbortSignal): Promise<void> {
    for (const batch of batches(values)) {
      const success = batch.map(({ key, value }) => ({ requestPut: { key: base64(key), value: base64(value) } }));
      txnSchema.parse(await this.#call('POST', '/v3/kv/txn', { success }, signal));
    }
  }

  async #call(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    // A socket's path may have 108 bytes (unix(7)), and the folder of a cell may be deep: by way of its folder it is short.
    const folder = await open(dirname(this.#socket));
    try {
      const socketPath = `/proc/self/fd/${folder.fd}/${basename(this.#socket)}`;
      const text = await new Promise<string>((resolve, reject) => {
        const call = request({ socketPath, method, path, agent: false, signal }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const answer = Buffer.concat(chunks).toString();
            if (response.statusCode === 200) resolve(answer);
            else reject(new Error(`etcd answered ${response.statusCode} to ${path}: ${answer.slice(0, 200)}`));
          });
        });
        call.on('error', reject);
        call.end(body === undefined ? undefined : JSON.stringify(body));
      });
      return JSON.parse(text);
    } finally {
      await folder.close();
    }
  }
}

function batches(values: readonly StoredValue[]): readonly (readonly StoredValue[])[] {
  const made: StoredValue[][] = [];
  let bytes = 0;
  for (const value of values) {
    const current = made.at(-1);
    if (current === undefined || current.length === mostOperations || bytes + value.value.length > mostBytes) {
      made.push([value]);
      bytes = value.value.length;
    } else {
      current.push(value);
      bytes += value.value.length;
    }
  }
  return made;
}
