import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Resource } from './discovery.ts';
import { type ExecFixture, ExecUpgrades, refuseUpgrade } from './exec-fixture.ts';
import type { KubeObject } from './kube-object.ts';

/**
 * The other side of our own interface for tests: an HTTP server that speaks as much of the Kubernetes API as `src/kube`
 * uses (discovery, lists in pages and by label, watches, apply, delete, logs, exec), and that breaks off, forgets, forbids
 * and falls silent on command.
 */
export class ApiServerFixture implements AsyncDisposable {
  readonly resources: Resource[] = [];
  /** `METHOD /path?query` of every request, in order. */
  readonly requests: string[] = [];
  /** Answers that take precedence, tried in order, e.g. to refuse a request. */
  readonly overrides: ((request: IncomingMessage, response: ServerResponse) => boolean)[] = [];
  /** What a command in a container does; without it each is refused, and `null` leaves the upgrade without an answer. */
  onExec: ((exec: ExecFixture) => void) | null | undefined;
  /** The lines that a container's log has so far, by `namespace/pod/container`, for those who do not follow it. */
  readonly logLines = new Map<string, readonly string[]>();
  readonly #forbidden: { readonly verb: string; readonly plural: string; readonly inNamespaces: boolean }[] = [];
  readonly #execUpgrades = new ExecUpgrades();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #changes: { version: number; path: string; type: string; object: KubeObject }[] = [];
  readonly #watches = new Set<{ path: string; response: ServerResponse }>();
  readonly #logs = new Map<string, Set<ServerResponse>>();
  #version = 100;
  #forgottenUpTo = 0;
  #nextUid = 1;
  connections = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.requests.push(`UPGRADE ${request.url}`);
      if (this.onExec === null) return;
      if (this.onExec === undefined) return refuseUpgrade(socket, 403, 'Forbidden');
      this.#execUpgrades.accept(request, socket, head, this.onExec);
    });
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(...resources: Resource[]): Promise<ApiServerFixture> {
    const fixture = new ApiServerFixture();
    fixture.resources.push(...resources);
    const listening = Promise.withResolvers<void>();
    fixture.#server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    return fixture;
  }

  get kubeconfig(): { text: string } {
    const { port } = this.#server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
    return {
      text: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'test',
        clusters: [{ name: 'test', cluster }],
        users: [{ name: 'test', user: { token: 'a-token' } }],
        contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'own' } }],
      }),
    };
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  /** Stores an object and notifies the watches. */
  put(object: KubeObject): KubeObject {
    const path = this.#pathOf(object);
    const known = this.#objects.get(path);
    this.#version += 1;
    const uid = known?.metadata.uid ?? object.metadata.uid ?? `uid-${this.#nextUid++}`;
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(this.#version) } };
    this.#objects.set(path, stored);
    this.#tell(known === undefined ? 'ADDED' : 'MODIFIED', path, stored);
    return stored;
  }

  delete(object: KubeObject): void {
    const path = this.#pathOf(object);
    const known = this.#objects.get(path);
    if (known === undefined) throw new Error(`there is no ${path}`);
    this.#objects.delete(path);
    this.#version += 1;
    const metadata = { ...known.metadata, resourceVersion: String(this.#version) };
    this.#tell('DELETED', path, { ...known, metadata });
  }

  bookmark(): void {
    this.#version += 1;
    for (const { response } of this.#watches) {
      const object = { metadata: { resourceVersion: String(this.#version) } };
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    }
  }

  /** Breaks all connections, or ends the watches as a server does that has had them long enough. */
  drop(how: 'broken' | 'ended'): void {
    for (const { response } of this.#watches) {
      if (how === 'ended') response.end();
      else response.destroy();
    }
    this.#watches.clear();
    for (const responses of this.#logs.values()) for (const response of responses) response.destroy();
    this.#logs.clear();
  }

  /** Forgets all changes so far: a watch from before them is too old. */
  compact(): void {
    this.#forgottenUpTo = this.#version;
    this.#changes.length = 0;
  }

  /**
   * Refuses a verb on a resource as a missing right does: everywhere, or only over all namespaces, as for a user with the
   * rights of a Role.
   */
  forbid(verb: 'get' | 'list', plural: string, where: 'everywhere' | 'in all namespaces at once' = 'everywhere'): void {
    this.#forbidden.push({ verb, plural, inNamespaces: where === 'everywhere' });
  }

  /** Writes a line to everyone who follows this container's log; returns to how many. */
  log(namespace: string, pod: string, container: string, line: string): number {
    const responses = this.#logs.get(`${namespace}/${pod}/${container}`) ?? new Set();
    for (const response of responses) response.write(`${line}\n`);
    return responses.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    for (const socket of this.#sockets) socket.destroy();
    await closed.promise;
  }

  #tell(type: string, path: string, object: KubeObject): void {
    this.#changes.push({ version: this.#version, path, type, object });
    for (const watch of this.#watches) {
      if (path.startsWith(watch.path)) watch.response.write(`${JSON.stringify({ type, object })}\n`);
    }
  }

  #pathOf({ apiVersion, kind, metadata }: KubeObject): string {
    const resource = this.resources.find((known) => known.apiVersion === apiVersion && known.kind === kind);
    if (resource === undefined) throw new Error(`the fixture has no ${kind}`);
    const group = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`;
    // Namespace last, so that a collection over all namespaces has the objects below it.
    return `${group}/${resource.plural}/${resource.namespaced ? `${metadata.namespace ?? 'own'}/` : ''}${metadata.name}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fixture');
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (request.headers.authorization !== 'Bearer a-token') return refuse(response, 401, 'Unauthorized', 'who are you');
    if (this.overrides.some((override) => override(request, response))) return;
    const log = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/log$/.exec(url.pathname);
    if (log !== null) {
      if (this.#isForbidden('get', 'pods/log', log[1]))
        return this.#refuseAsForbidden(response, 'get', 'pods/log', log[1]);
      const container = `${log[1]}/${log[2]}/${url.searchParams.get('container')}`;
      const written = url.searchParams.get('follow') === 'true' ? undefined : this.logLines.get(container);
      if (written === undefined) return this.#answerLog(container, response);
      response.writeHead(200, { 'content-type': 'text/plain' }).end(written.map((line) => `${line}\n`).join(''));
      return;
    }
    const [, root, apiVersion, rest = ''] =
      /^(\/api\/(v1)|\/apis\/([^/]+\/[^/]+))(\/.*)?$/.exec(url.pathname)?.toSpliced(2, 1) ?? [];
    const version = apiVersion ?? 'v1';
    if (root === undefined) return refuse(response, 404, 'NotFound', 'no such path');
    const served = this.resources.filter((resource) => resource.apiVersion === version);
    if (served.length === 0)
      return refuse(response, 404, 'NotFound', 'the server could not find the requested resource');
    if (rest === '')
      return send(response, 200, { resources: served.map(({ plural, ...kind }) => ({ name: plural, ...kind })) });
    const [, namespace, plural, name] = /^(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?/.exec(rest) ?? [];
    const path = `${root}/${plural}/${namespace === undefined ? '' : `${namespace}/`}`;
    const verb = name === undefined ? 'list' : 'get';
    if (this.#isForbidden(verb, plural ?? '', namespace)) {
      return this.#refuseAsForbidden(response, verb, plural ?? '', namespace);
    }
    if (name !== undefined) return this.#answerObject(request, response, path + name);
    if (url.searchParams.get('watch') === 'true') return this.#answerWatch(url, response, path);
    return this.#answerList(url, response, path);
  }

  #isForbidden(verb: string, plural: string, namespace: string | undefined): boolean {
    return this.#forbidden.some(
      (each) => each.verb === verb && each.plural === plural && (each.inNamespaces || namespace === undefined),
    );
  }

  #refuseAsForbidden(response: ServerResponse, verb: string, plural: string, namespace: string | undefined): void {
    const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    refuse(
      response,
      403,
      'Forbidden',
      `${plural} is forbidden: User "test" cannot ${verb} resource "${plural}" ${scope}`,
    );
  }

  #answerList(url: URL, response: ServerResponse, path: string): void {
    const labels = url.searchParams.get('labelSelector')?.split(',') ?? [];
    const all = [...this.#objects.entries()]
      .filter(([key]) => key.startsWith(path))
      .map(([, object]) => object)
      .filter(({ metadata }) => labels.every((term) => hasLabel(metadata.labels ?? {}, term)));
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = from + Number(url.searchParams.get('limit') ?? all.length);
    const items = all.slice(from, to).map(({ apiVersion: _, kind: __, ...item }) => item);
    const metadata = { resourceVersion: String(this.#version), ...(to < all.length ? { continue: String(to) } : {}) };
    send(response, 200, { kind: 'List', metadata, items });
  }

  #answerWatch(url: URL, response: ServerResponse, path: string): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < this.#forgottenUpTo) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    for (const change of this.#changes) {
      if (change.version > from && change.path.startsWith(path)) {
        response.write(`${JSON.stringify({ type: change.type, object: change.object })}\n`);
      }
    }
    const watch = { path, response };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
  }

  async #answerObject(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const known = this.#objects.get(path);
    if (request.method === 'PATCH') {
      const patch = JSON.parse(await textOf(request)) as KubeObject;
      return send(response, 200, this.put({ ...known, ...patch }));
    }
    if (known === undefined) return refuse(response, 404, 'NotFound', `${path} not found`);
    if (request.method === 'DELETE') this.delete(known);
    return send(response, 200, known);
  }

  #answerLog(container: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    const responses = this.#logs.get(container) ?? new Set();
    this.#logs.set(container, responses.add(response));
    response.on('close', () => responses.delete(response));
  }
}

/** Whether labels fit a term of a selector, `name` or `name=value`. */
function hasLabel(labels: Readonly<Record<string, string>>, term: string): boolean {
  const [name = '', value] = term.split('=');
  return value === undefined ? name in labels : labels[name] === value;
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  send(response, code, { kind: 'Status', code, reason, message });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
