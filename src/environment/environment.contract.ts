/**
 * The contract of environments, as a vitest suite: each implementation of RunningEnvironment runs it in a test file with one
 * call of {@link environmentContract}. Its environments need Istio's proxy image and cluster DNS, and nothing else of the
 * platform.
 */
import { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectBundle } from '../bundle/index.ts';
import type { DnsProbe, HttpProbe } from '../evidence/evidence.ts';
import { ProbeClient, probeAgent } from '../evidence/probes/probe-client.ts';
import { KubeClient } from '../kube/client.ts';
import { execInPod } from '../kube/exec.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { conditionTrue, type Predicate } from '../kube/until.ts';
import type { RunningEnvironment } from './environment.ts';
import { runLabel } from './run-label.ts';

/** An environment under test, with facts that only its implementation knows. */
export interface ContractSubject {
  readonly environment: RunningEnvironment;
  /** Images by their names in Pod specs. */
  readonly images: {
    /** mccutchen/go-httpbin, the server. */
    readonly httpbin: string;
    /** istio/proxyv2: its pilot-agent is the client in a Pod, because no image has a shell or curl. */
    readonly proxy: string;
  };
  /** 'Never' if every image is preloaded; 'IfNotPresent' for clusters that pull images. */
  readonly imagePullPolicy: 'Never' | 'IfNotPresent';
  /** The kubeconfig of a user who may create the contract's Pods, if the environment's user may not. */
  readonly visitorKubeconfig?: string;
  /** Everything that is left of this environment after down(), one line each. */
  left(): Promise<readonly string[]>;
}

const namespace = 'environment-contract';
/** Two ports, which show which of two addresses a host name resolved to. */
const services = { one: 8001, two: 8002 } as const;
type ServiceName = keyof typeof services;

const within = {
  podReady: 60_000,
  address: 60_000,
  /** For kube-proxy and DNS caches, whose changes cannot be watched. */
  effect: 40_000,
  request: 3_000,
} as const;

/**
 * Declares the contract's tests for one environment.
 *
 * @param start makes a new environment that is up; called twice at once
 */
export function environmentContract(name: string, start: () => Promise<ContractSubject>): void {
  describe(`environment contract: ${name}`, () => {
    const opened = new AsyncDisposableStack();
    const subjects: ContractSubject[] = [];
    let one: Visitor;
    let two: Visitor;

    beforeAll(async () => {
      const started = await Promise.allSettled([start(), start()]);
      subjects.push(...started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
      for (const result of started) if (result.status === 'rejected') throw result.reason;
      const [first, second] = subjects;
      if (!first || !second) throw new Error('two environments were to start');
      one = await Visitor.open(first, `${namespace}-one`, opened);
      two = await Visitor.open(second, `${namespace}-two`, opened);
    });

    afterAll(async () => {
      await opened.disposeAsync();
      await Promise.all(subjects.map(({ environment }) => environment.down()));
    });

    test('the kubeconfig works from this machine', async () => {
      const { kubeconfig, context } = one.environment;
      await using kube = await KubeClient.open({ path: kubeconfig, context });
      const { gitVersion } = await kube.version();
      expect(gitVersion).toMatch(/^v\d+\.\d+/);
    });

    test('two at once have names and kubeconfigs of their own', () => {
      const [first, second] = subjects.map(({ environment }) => environment);
      expect(first?.kind).toBe(second?.kind);
      expect(first?.name).not.toBe(second?.name);
    });

    test('images are present: Pods of them start, and nothing is pulled that should be there', async () => {
      await Promise.all([one.deploy(), two.deploy()]);
      const events = await one.kube.list({ apiVersion: 'v1', kind: 'Event', namespace: one.namespace });
      const pulls = events.filter(({ reason }) => reason === 'Pulling').map(({ message }) => message);
      if (one.subject.imagePullPolicy === 'Never') expect(pulls).toEqual([]);
    });

    test('a LoadBalancer Service gets an address that answers from a Pod and from outside', async () => {
      for (const visitor of [one, two]) {
        const address = await visitor.addressOf('one');
        expect(isIP(address), address).toBeGreaterThan(0);
        await visitor.answersToPod(`http://${address}:${services.one}/status/200`);
        await visitor.answersOutside('one', address);
      }
      expect(await one.addressOf('two')).not.toBe(await one.addressOf('one'));
    });

    test('a Service gets its address also after others that went as soon as they came', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, number) => one.comeAndGo(`brief-${number}`)));
      const address = await one.addressOf(await one.addService('late', services.one));
      await one.answersOutside('one', address);
    });

    test('a host name leads Pods, the CA and clients outside to its address, to another, to both, to none', async () => {
      const host = `contract.${one.environment.domain}`;
      const [first, second] = [await one.addressOf('one'), await one.addressOf('two')];
      await one.environment.setAddresses(host, [first]);
      await one.leadsTo(host, { one: first });
      await one.environment.setAddresses(host, [second]);
      await one.leadsTo(host, { two: second });
      await one.leadsPodNowhere(`http://${host}:${services.one}/status/200`);
      await one.environment.setAddresses(host, [first, second]);
      await one.resolvesTo(host, [first, second]);
      await one.environment.setAddresses(host, []);
      await one.resolvesTo(host, []);
      await one.leadsPodNowhere(`http://${host}:${services.two}/status/200`);
      const outside = await one.getByName(host, services.two);
      expect('error' in outside.outcome, `${host} was removed, and a client outside still gets an answer`).toBe(true);
    });

    test('what one is told of a host name, the other does not say', async (context) => {
      if (one.hasNameServersOf(two)) {
        context.skip('both are of one domain here, whose name servers know the names of both');
        return;
      }
      const host = `other.${one.environment.domain}`;
      await one.environment.setAddresses(host, [await one.addressOf('one')]);
      await two.resolvesTo(host, []);
      await two.environment.setAddresses(host, []);
      await one.resolvesTo(host, [await one.addressOf('one')]);
      await one.environment.setAddresses(host, []);
    });

    test("the CA's directory answers outside and in a Pod, and its roots come", async () => {
      const outside = await one.directoryOutside();
      expect(Object.keys(JSON.parse(outside) as object)).toEqual(
        expect.arrayContaining(['newNonce', 'newAccount', 'newOrder']),
      );
      await one.answersToPod(one.environment.ca.directoryUrl);
      const roots = await one.environment.ca.roots((url, address, root) => one.getOverTls(url, address, root));
      // The roots of an external CA may be unknown.
      if (!one.environment.belongsToOthers) expect(roots.length).toBeGreaterThan(0);
      for (const root of roots) {
        const certificate = new X509Certificate(root);
        expect(certificate.issuer).toBe(certificate.subject);
      }
    });

    test("the CA's directory can be cut off, slowed down and given back, where the environment can do so", async (context) => {
      const { directoryProxy } = one.environment;
      if (directoryProxy === undefined) {
        context.skip('nothing stands between the directory and its clients here');
        return;
      }
      const { directoryUrl } = one.environment.ca;
      await directoryProxy.cut();
      try {
        await expect(one.directoryOutside()).rejects.toThrow('gave no answer outside');
        await one.leadsPodNowhere(directoryUrl);
        await two.directoryOutside();
        await directoryProxy.restore();
        await directoryProxy.slowDown(500);
        const started = performance.now();
        await one.directoryOutside();
        expect(performance.now() - started).toBeGreaterThan(500);
      } finally {
        await directoryProxy.restore();
      }
      await one.directoryOutside();
      await one.answersToPod(directoryUrl);
    });

    test('the logs are files that can be read', async () => {
      const logs = await one.environment.logs();
      for (const [component, file] of logs) {
        await expect(access(file, constants.R_OK), `the log of ${component}, ${file}`).resolves.toBeUndefined();
      }
      const { log } = one.environment.ca;
      if (log !== null) expect(await readFile(log.file, 'utf8')).not.toBe('');
    });

    test('a bundle can be collected', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'padlock-contract-'));
      try {
        const { kubeconfig, context } = one.environment;
        await using kube = await KubeClient.open({ path: kubeconfig, context });
        const { files, problems } = await collectBundle({
          kube,
          folder: join(folder, 'bundle'),
          logs: await one.environment.logs(),
          namespaces: [one.namespace],
          signal: new AbortController().signal,
          onProblem: () => {},
        });
        // A user of a shared cluster may lack permission to read all of it; the bundle lists what it could not read.
        const isDenied = (problem: string) => one.environment.belongsToOthers && problem.includes('403 Forbidden');
        expect(problems.filter((problem) => !isDenied(problem))).toEqual([]);
        const paths = files.map(({ path }) => path);
        expect(paths).toContain(`logs/${one.namespace}/httpbin/httpbin.log`);
        for (const component of (await one.environment.logs()).keys()) {
          expect(paths).toContain(`environment-logs/${component}.log`);
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test('programs outside have a folder to write to', async () => {
      const { environment } = one;
      const script =
        'folder=$(mktemp -d -p "$0") && echo written > "$folder/file" && cat "$folder/file" && rm -r "$folder"';
      const { stdout } = environment.spawnOutside(['sh', '-c', script, environment.scratchOutside]);
      if (!stdout) throw new Error('a program outside has no stdout');
      expect(await text(stdout)).toBe('written\n');
    });

    test('down leaves nothing, of its Pods either, does not disturb the other, and is no error when all is gone', async () => {
      await downWithoutTrace(two.subject);
      await one.answersToPod(`http://${await one.addressOf('one')}:${services.one}/status/200`);
      await one.answersOutside('one', await one.addressOf('one'));
      await one.directoryOutside();
      await downWithoutTrace(one.subject);
    });
  });
}

async function downWithoutTrace({ environment, left }: ContractSubject): Promise<void> {
  // Otherwise "nothing left" could mean that nothing was ever seen.
  expect(await left()).not.toEqual([]);
  const { downMs } = await environment.down();
  expect(downMs).toBeGreaterThan(0);
  expect(await left()).toEqual([]);
  await environment.down();
  expect(await left()).toEqual([]);
}

function readyPod(name: string): Predicate<KubeObject> {
  return conditionTrue('Pod', name, 'Ready');
}

/** Uses an environment as scenarios do: with Pods, with clients outside and with host names. */
class Visitor {
  readonly subject: ContractSubject;
  readonly namespace: string;
  readonly kube: KubeClient;
  readonly #probes: ProbeClient;
  /** The root of the directory's certificate; empty for a public root. */
  readonly #directoryCa: string;

  constructor(subject: ContractSubject, namespace: string, kube: KubeClient, probes: ProbeClient, directoryCa: string) {
    this.subject = subject;
    this.namespace = namespace;
    this.kube = kube;
    this.#probes = probes;
    this.#directoryCa = directoryCa;
  }

  static async open(subject: ContractSubject, ownNamespace: string, opened: AsyncDisposableStack): Promise<Visitor> {
    const { environment, visitorKubeconfig } = subject;
    const kube = opened.use(
      await KubeClient.open(
        visitorKubeconfig === undefined
          ? { path: environment.kubeconfig, context: environment.context }
          : { path: visitorKubeconfig },
      ),
    );
    const probes = opened.use(new ProbeClient(environment.spawnOutside([process.execPath, probeAgent])));
    const { directoryCaFile } = environment.ca;
    const directoryCa = directoryCaFile === null ? '' : await readFile(directoryCaFile, 'utf8');
    return new Visitor(subject, ownNamespace, kube, probes, directoryCa);
  }

  get environment(): RunningEnvironment {
    return this.subject.environment;
  }

  /** A Pod that answers behind two LoadBalancer Services, and a Pod with a client. */
  async deploy(): Promise<void> {
    const { images, imagePullPolicy } = this.subject;
    const inNamespace = (name: string) => ({ name, namespace: this.namespace });
    const trust = this.#directoryCa === '' ? [] : [{ name: 'SSL_CERT_FILE', value: '/directory-ca/ca.crt' }];
    await this.kube.apply([
      // An environment on a shared cluster finds what it must remove by this label.
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: this.namespace, labels: { [runLabel]: this.environment.name } },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: inNamespace('directory-ca'),
        data: { 'ca.crt': this.#directoryCa },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...inNamespace('httpbin'), labels: { app: 'httpbin' } },
        spec: {
          // The namespace is removed only after half of the Pod's grace period.
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'httpbin',
              image: images.httpbin,
              imagePullPolicy,
              ports: [{ containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/status/200', port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: inNamespace('client'),
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'client',
              image: images.proxy,
              imagePullPolicy,
              // It waits for a server that never answers, so that the Pod stays up for exec.
              command: ['pilot-agent', 'wait', '--url=http://127.0.0.1:1/', '--timeoutSeconds=86400'],
              env: trust,
              volumeMounts: [{ name: 'directory-ca', mountPath: '/directory-ca' }],
            },
          ],
          volumes: [{ name: 'directory-ca', configMap: { name: 'directory-ca' } }],
        },
      },
      this.#service('one', services.one),
      this.#service('two', services.two),
    ]);
    for (const pod of ['httpbin', 'client']) {
      await this.kube.waitFor({ apiVersion: 'v1', kind: 'Pod', namespace: this.namespace }, readyPod(pod), {
        what: `Pod ${this.namespace}/${pod} to be Ready`,
        withinMs: within.podReady,
      });
    }
  }

  #service(name: string, port: number): KubeObject {
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: this.namespace },
      spec: {
        type: 'LoadBalancer',
        selector: { app: 'httpbin' },
        ports: [{ name: 'http', port, targetPort: 8080 }],
      },
    };
  }

  /** One more LoadBalancer Service of the same Pod. @returns its name */
  async addService(name: string, port: number): Promise<string> {
    await this.kube.apply([this.#service(name, port)]);
    return name;
  }

  /** A LoadBalancer Service that is deleted at once. */
  async comeAndGo(name: string): Promise<void> {
    await this.addService(name, services.one);
    await this.kube.remove({ apiVersion: 'v1', kind: 'Service', name, namespace: this.namespace });
  }

  async addressOf(service: string): Promise<string> {
    const address: Predicate<string> = Object.assign(
      (objects: readonly KubeObject[]) => {
        const found = objects.find(({ metadata }) => metadata.name === service);
        const { loadBalancer } = (found?.status ?? {}) as { loadBalancer?: { ingress?: readonly { ip?: string }[] } };
        return loadBalancer?.ingress?.[0]?.ip;
      },
      { concerns: ({ metadata }: KubeObject) => metadata.name === service },
    );
    return await this.kube.waitFor({ apiVersion: 'v1', kind: 'Service', namespace: this.namespace }, address, {
      what: `Service ${this.namespace}/${service} to have an address`,
      withinMs: within.address,
    });
  }

  /** Waits for the change to reach Pods, within the time limit. */
  async answersToPod(url: string): Promise<void> {
    const { exitCode, said } = await this.#getInPod(url, within.effect);
    expect(exitCode, `${url} does not answer to a Pod: ${said}`).toBe(0);
  }

  /** Waits for the change to reach Pods, within the time limit. */
  async leadsPodNowhere(url: string): Promise<void> {
    await eventually(`${url} to answer no Pod`, async () => {
      const { exitCode } = await this.#getInPod(url, 1_000);
      return exitCode === 0 ? 'it answers' : null;
    });
  }

  async #getInPod(url: string, withinMs: number): Promise<{ exitCode: number; said: string }> {
    const limits = [
      `--timeoutSeconds=${withinMs / 1000}`,
      `--requestTimeoutMillis=${within.request}`,
      '--periodMillis=200',
    ];
    const { exitCode, stdout, stderr } = await execInPod(this.kube, {
      namespace: this.namespace,
      pod: 'client',
      container: 'client',
      command: ['pilot-agent', 'wait', `--url=${url}`, ...limits],
      withinMs: withinMs + 2 * within.request,
    });
    return { exitCode, said: (stderr || stdout).trim().split('\n').at(-1) ?? '' };
  }

  async answersOutside(service: ServiceName, address: string): Promise<void> {
    await eventually(`${address}:${services[service]} to answer outside`, async () =>
      notAnswered(
        await this.#probes.http({
          ...{ name: 'address', url: `http://${address}:${services[service]}/status/200`, address },
          ...{ trust: 'none', roots: [], withinMs: within.request },
        }),
      ),
    );
  }

  /** Resolves as a client outside does, at the domain's name servers. */
  async getByName(host: string, port: number): Promise<HttpProbe> {
    return await this.#probes.http({
      ...{ name: 'host', url: `http://${host}:${port}/status/200`, resolver: this.#nameServers[0] },
      ...{ trust: 'none', roots: [], withinMs: within.request },
    });
  }

  get #nameServers(): readonly [string, ...string[]] {
    const [first, ...rest] = this.environment.nameServers;
    if (first === undefined) throw new Error('the environment names no name server');
    return [first, ...rest];
  }

  hasNameServersOf(other: Visitor): boolean {
    return this.#nameServers.some((server) => other.#nameServers.includes(server));
  }

  /** The answer of each name server; the CA asks the same servers. */
  async resolvesTo(host: string, addresses: readonly string[]): Promise<void> {
    for (const server of this.#nameServers) {
      const { outcome } = await this.#resolve(host, server);
      const records = 'records' in outcome ? outcome.records : [];
      expect(records.toSorted(), `${host} by ${server}`).toEqual(addresses.toSorted());
    }
  }

  async #resolve(host: string, server: string): Promise<DnsProbe> {
    return await this.#probes.dns({ name: 'host', servers: [server], host, type: 'A', withinMs: within.request });
  }

  async leadsTo(host: string, at: Partial<Record<ServiceName, string>>): Promise<void> {
    await this.resolvesTo(host, Object.values(at));
    for (const service of Object.keys(at) as ServiceName[]) {
      const probe = await this.getByName(host, services[service]);
      expect(notAnswered(probe), `${host} for a client outside`).toBeNull();
      await this.answersToPod(`http://${host}:${services[service]}/status/200`);
    }
  }

  async directoryOutside(): Promise<string> {
    const url = this.environment.ca.directoryUrl;
    const probe = await this.#probes.http({
      ...{ name: 'directory', url, resolver: this.#nameServers[0], withinMs: within.request },
      ...{ trust: 'ca-roots', roots: [this.#directoryCa] },
    });
    return bodyOf(probe);
  }

  async getOverTls(url: string, address: string, root: string): Promise<string> {
    return bodyOf(
      await this.#probes.http({
        ...{ name: 'root', url, address, trust: 'ca-roots', roots: [root], withinMs: within.request },
      }),
    );
  }
}

/** Null if the answer was 200, otherwise what was seen. */
function notAnswered({ outcome }: HttpProbe): string | null {
  if ('error' in outcome) return outcome.error;
  return outcome.status === 200 ? null : `status ${outcome.status}`;
}

function bodyOf(probe: HttpProbe): string {
  const problem = notAnswered(probe);
  if (problem !== null || 'error' in probe.outcome) throw new Error(`${probe.url} gave no answer outside: ${problem}`);
  return probe.outcome.body;
}

/** Polls for a state that cannot be watched. @param look returns null once it is reached, otherwise what was seen */
async function eventually(what: string, look: () => Promise<string | null>): Promise<void> {
  const deadline = performance.now() + within.effect;
  for (;;) {
    const started = performance.now();
    const seen = await look();
    if (seen === null) return;
    if (performance.now() > deadline) {
      throw new Error(`Gave up waiting for ${what} after ${within.effect / 1000} s; last seen: ${seen}.`);
    }
    const pauseMs = Math.max(0, 200 - (performance.now() - started));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
