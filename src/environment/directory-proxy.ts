import { z } from 'zod';
import { toxiproxyVersion } from '../components/index.ts';

/** Toxiproxy's image as its project publishes it. */
export const toxiproxyImage = `ghcr.io/shopify/toxiproxy:${toxiproxyVersion.replace(/^v/, '')}`;

/** Where Toxiproxy's HTTP API listens (its README's default). */
export const toxiproxyPort = 8474;

const proxyName = 'acme-directory';
const answersWithinMs = 5_000;

/** What Toxiproxy reads with -config: one proxy, which changes nothing until it is told to. */
export function toxiproxyConfiguration(port: number, upstream: string): string {
  return JSON.stringify([{ name: proxyName, listen: `0.0.0.0:${port}`, upstream, enabled: true }]);
}

/** What stands between the clients of the CA's directory, cert-manager first of all, and the CA; it passes TLS on as it is. */
export interface DirectoryProxy {
  /** Ends the connections that there are and takes no new ones, until `restore`. */
  cut(): Promise<void>;
  /** Lets each piece of an answer wait that long, in milliseconds, until `restore`. */
  slowDown(delayMs: number): Promise<void>;
  /** Passes everything on again, at once. */
  restore(): Promise<void>;
}

const errorSchema = z.object({ error: z.string() });

/** Speaks to Toxiproxy's HTTP API. Every method throws an Error that says what it answered. */
export class Toxiproxy implements DirectoryProxy {
  readonly #api: string;

  /** @param api its URL without a path, as reached from this machine */
  constructor(api: string) {
    this.#api = api;
  }

  async cut(): Promise<void> {
    await this.#call('PATCH', `/proxies/${proxyName}`, { enabled: false });
  }

  async slowDown(delayMs: number): Promise<void> {
    const toxic = { type: 'latency', stream: 'downstream', attributes: { latency: delayMs } };
    await this.#call('POST', `/proxies/${proxyName}/toxics`, toxic);
  }

  async restore(): Promise<void> {
    await this.#call('POST', '/reset');
  }

  async #call(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(new URL(path, this.#api), {
      method,
      signal: AbortSignal.timeout(answersWithinMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = await response.text();
    if (response.ok) return;
    throw new Error(`Toxiproxy answered ${method} ${path} with ${response.status}: ${reasonIn(said)}`);
  }
}

function reasonIn(said: string): string {
  try {
    return errorSchema.parse(JSON.parse(said)).error;
  } catch {
    return said.trim();
  }
}
