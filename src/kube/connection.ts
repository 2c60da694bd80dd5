import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { z } from 'zod';
import { fileErrorReason } from '../file-error.ts';
import { scaled } from '../time-scale.ts';
import { UserError } from '../user-error.ts';
import { isForBoth, isForIstio } from './istio-api.ts';
import { describeCause, KubeError, refusal, unreachable } from './kube-error.ts';

/** A kubeconfig: the path of a file, or its text. */
export type KubeconfigSource = ({ readonly path: string } | { readonly text: string }) & {
  /** The context to use instead of the current one. */
  readonly context?: string | undefined;
  /** The API server of Istio's control plane, if Istio's own objects are in another cluster. */
  readonly istio?: IstioKubeconfig | undefined;
};

/** The kubeconfig of Istio's control plane. */
export interface IstioKubeconfig {
  readonly path: string;
  readonly context?: string | undefined;
}

export interface ApiRequest {
  /** The operation, for messages, e.g. `get Pod ns/name`. */
  readonly what: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: { readonly contentType: string; readonly text: string };
  readonly signal?: AbortSignal | undefined;
}

/** How long an ordinary request may take until its answer is complete. */
const requestLimitMs = 60_000;

/**
 * HTTP to one API server with a kubeconfig's credentials. `@kubernetes/client-node` reads the kubeconfig and its
 * credentials; its own requests are not used because it makes a new connection, with a TLS handshake, for each.
 *
 * With an API server of Istio's control plane, requests for Istio's own kinds go there, and namespaces are applied and removed
 * on both.
 */
export class Connection implements AsyncDisposable {
  /** The API server's URL without a slash at its end. */
  readonly server: string;
  /** The namespace of the kubeconfig's context, for objects without a namespace. */
  readonly defaultNamespace: string;
  /** The kubeconfig as an object of its library, for requests over web sockets. */
  readonly kubeConfig: KubeConfig;
  /** The API server of Istio's control plane; null if Istio's own objects are here, too. */
  readonly istio: Connection | null;
  readonly #dispatcher: Dispatcher;
  readonly #authorization: () => Promise<Readonly<Record<string, string>>>;

  private constructor(
    server: string,
    defaultNamespace: string,
    kubeConfig: KubeConfig,
    dispatcher: Dispatcher,
    authorization: () => Promise<Readonly<Record<string, string>>>,
    istio: Connection | null,
  ) {
    this.istio = istio;
    this.server = server.replace(/\/+$/, '');
    this.defaultNamespace = defaultNamespace;
    this.kubeConfig = kubeConfig;
    this.#dispatcher = dispatcher;
    this.#authorization = authorization;
  }

  /** @throws UserError if the kubeconfig cannot be read or names no cluster */
  static async open(source: KubeconfigSource): Promise<Connection> {
    const config = await loadKubeconfig(source);
    const cluster = config.getCurrentCluster();
    if (cluster === null) {
      throw new UserError(`${nameOf(source)} has no current context with a cluster. Set current-context.`);
    }
    const credentials = await credentialsOf(config, source);
    const fixedHeaders = headersOf(credentials);
    const user = config.getCurrentUser();
    // Only credentials from a plugin or a file can change during a run.
    const changes = [user?.exec, user?.authProvider].some((part) => part !== undefined && part !== null);
    const authorization = async () => {
      return changes ? headersOf(await credentialsOf(config, source)) : fixedHeaders;
    };
    const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
    const dispatcher = dispatcherFor(cluster.proxyUrl, credentials);
    const istio = source.istio === undefined ? null : await Connection.open(source.istio);
    return new Connection(cluster.server, namespace ?? 'default', config, dispatcher, authorization, istio);
  }

  /** A connection to this API server alone, for Istio's own kinds, too. It shares everything and need not be disposed of. */
  get alone(): Connection {
    const { server, defaultNamespace, kubeConfig } = this;
    return new Connection(server, defaultNamespace, kubeConfig, this.#dispatcher, this.#authorization, null);
  }

  /** A request whose answer is JSON. @throws KubeError */
  async json(call: ApiRequest): Promise<unknown> {
    if (this.istio !== null && isForIstio(call.path)) return await this.istio.json(call);
    if (this.istio !== null && isForBoth(call.method, call.path)) await this.#onIstioToo(this.istio, call);
    return JSON.parse(await this.#text(call, 'application/json'));
  }

  async #onIstioToo(istio: Connection, call: ApiRequest): Promise<void> {
    try {
      await istio.json(call);
    } catch (error) {
      // What is to be removed may be on one side alone, after an interruption.
      if (call.method === 'DELETE' && error instanceof KubeError && error.status === 404) return;
      throw error;
    }
  }

  async #text(call: ApiRequest, accept: string): Promise<string> {
    const limitMs = scaled(requestLimitMs);
    const limit = AbortSignal.timeout(limitMs);
    const signal = call.signal === undefined ? limit : AbortSignal.any([call.signal, limit]);
    let status: number;
    let text: string;
    try {
      const answer = await this.#send(call, accept, signal);
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      call.signal?.throwIfAborted();
      throw unreachable(call.what, this.server, limit.aborted ? `within ${limitMs / 1000} s` : error);
    }
    if (status < 200 || status > 299) throw refusal(call.what, status, text);
    return text;
  }

  /**
   * A request with a streaming answer, until the server or the signal ends it; resolves when the answer has begun.
   * Errors while reading it are thrown to the reader as they are.
   *
   * @throws KubeError
   */
  async stream(call: ApiRequest & { readonly signal: AbortSignal }): Promise<AsyncIterable<Uint8Array>> {
    if (this.istio !== null && isForIstio(call.path)) return await this.istio.stream(call);
    let answer: Dispatcher.ResponseData;
    let refused: string | null;
    try {
      answer = await this.#send(call, '*/*', call.signal);
      refused = answer.statusCode === 200 ? null : await answer.body.text();
    } catch (error) {
      call.signal.throwIfAborted();
      throw unreachable(call.what, this.server, error);
    }
    if (refused !== null) throw refusal(call.what, answer.statusCode, refused);
    return answer.body;
  }

  async #send(call: ApiRequest, accept: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const url = new URL(this.server + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return request(url, {
      method: call.method ?? 'GET',
      headers: {
        accept,
        'user-agent': 'padlock',
        ...(await this.#authorization()),
        ...(call.body === undefined ? {} : { 'content-type': call.body.contentType }),
      },
      ...(call.body === undefined ? {} : { body: call.body.text }),
      dispatcher: this.#dispatcher,
      signal,
    });
  }

  /** Ends every request under way and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#dispatcher.destroy(), this.istio?.[Symbol.asyncDispose]()]);
  }
}

function nameOf(source: KubeconfigSource): string {
  return 'path' in source ? `The kubeconfig ${source.path}` : 'The kubeconfig';
}

/** What js-yaml, which the library of the kubeconfig uses, throws: its message has an excerpt of several lines. */
const yamlException = z.object({
  name: z.literal('YAMLException'),
  reason: z.string(),
  mark: z.object({ line: z.number(), column: z.number() }),
});

async function loadKubeconfig(source: KubeconfigSource): Promise<KubeConfig> {
  // Loaded late: it takes half a second, which commands without a cluster do not need.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if ('path' in source) config.loadFromFile(source.path);
    else config.loadFromString(source.text);
  } catch (error) {
    const { success, data } = yamlException.safeParse(error);
    const name = nameOf(source);
    if (!success) {
      const lowered = name.replace(/^The /, 'the ');
      throw new UserError(`Cannot read ${lowered}: ${fileErrorReason(error)}.`, { cause: error });
    }
    const { mark, reason } = data;
    const where = `line ${mark.line + 1}, column ${mark.column + 1}`;
    throw new UserError(`${name} is not valid YAML: ${where}: ${reason}.`, { cause: error });
  }
  const { context } = source;
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      throw new UserError(
        `${nameOf(source)} has no context '${context}'. Its contexts: ${known.join(', ') || 'none'}.`,
      );
    }
    config.setCurrentContext(context);
  }
  return config;
}

async function credentialsOf(config: KubeConfig, source: KubeconfigSource): Promise<RequestOptions> {
  const credentials: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(credentials);
  } catch (error) {
    throw new UserError(`${nameOf(source)} has no usable credentials: ${describeCause(error)}.`, { cause: error });
  }
  return credentials;
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (typeof options.auth === 'string') {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

function dispatcherFor(proxyUrl: string | undefined, credentials: RequestOptions): Dispatcher {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = credentials;
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  // Watches and followed logs may be silent for a long time; their readers have their own time limits.
  // HTTP/1.1: a watch then has a connection to itself, and cannot hold up the others.
  const patient = { headersTimeout: 0, bodyTimeout: 0, allowH2: false, keepAliveTimeout: 30_000 };
  if (proxyUrl === undefined) return new Agent({ ...patient, connect: { ...tls, timeout: 10_000 } });
  if (proxyUrl.startsWith('socks')) {
    throw new UserError('The kubeconfig uses a SOCKS proxy, which Padlock does not support. Use an HTTP proxy.');
  }
  return new ProxyAgent({ ...patient, uri: proxyUrl, requestTls: tls });
}
