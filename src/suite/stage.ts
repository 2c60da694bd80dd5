import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ingressGatewayOfCharts, type RunningEnvironment } from '../environment/environment.ts';
import { challengeResource, removeDns01 } from '../environment/remove-dns01.ts';
import { labelled } from '../environment/run-label.ts';
import { type ActionName, actionNames } from '../evidence/action-names.ts';
import type { BrowserClient } from '../evidence/browser-client.ts';
import { certificateFacts, certificatesInPem } from '../evidence/certificate-facts.ts';
import type { Evidence, HttpProbe, Probe, Subject, TlsProbe } from '../evidence/evidence.ts';
import type { ProbeClient } from '../evidence/probe-client.ts';
import { probeNames, txtProbeName } from '../evidence/probe-names.ts';
import type { ScenarioFault } from '../faults/fault.ts';
import { FaultRun } from '../faults/fault-run.ts';
import type { KubeClient, ResourceSelection } from '../kube/client.ts';
import { conditionsOf, isTrue } from '../kube/conditions.ts';
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../kube/kube-object.ts';
import { hasLoadBalancer, loadBalancerAddress, loadBalancerOf } from '../kube/load-balancer-address.ts';
import { readManifest } from '../kube/manifests.ts';
import {
  conditionTrue,
  deploymentAvailable,
  gone,
  objectWhere,
  type Predicate,
  predicateOn,
  TimeoutError,
} from '../kube/until.ts';
import { askCa } from './acme-client.ts';
import { certificateReady } from './certificate-ready.ts';
import { withExternalAccount } from './external-account.ts';
import type { Offer } from './offer.ts';
import type { Scenario, ScenarioNames } from './scenario.ts';
import type { ScenarioObserver } from './scenario-observer.ts';

export const fixturesFolder = join(import.meta.dirname, '..', '..', 'fixtures');

/** The time limits of a scenario's waits, in milliseconds. */
const within = {
  available: 60_000,
  address: 15_000,
  /** A cloud makes a load balancer first. */
  addressOfOthers: 90_000,
  issuerReady: 30_000,
  certificateReady: 90_000,
  /** Twice what an issuance takes with cert-manager's own waits. */
  certificateDespiteFault: 45_000,
  /** The kubelet gives a Pod 30 s to end. */
  solverGone: 45_000,
  /** cert-manager sleeps for 60 s in a self-check of DNS-01 before it looks at the Challenge again. */
  challengesGone: 75_000,
  application: 20_000,
  served: 20_000,
  request: 5_000,
  browser: 30_000,
} as const;

type Action = Evidence['actions'][number];

/** What the stage of a scenario is built from. */
export interface StageParts extends ScenarioObserver {
  /** The run's name, which all that is applied is labelled with. */
  readonly run: string;
  readonly scenario: Scenario;
  readonly names: ScenarioNames;
  readonly environment: RunningEnvironment;
  readonly kube: KubeClient;
  readonly probes: ProbeClient;
  /** A browser outside, or null where the run leaves it out. */
  readonly browser: BrowserClient | null;
  /** PEM: the roots of the CA under test, and one that signed nothing here. */
  readonly caRoots: readonly string[];
  readonly foreignRoot: string;
  readonly offer: Offer;
  /** PEM; empty where clients trust the directory anyway. */
  readonly directoryCa: string;
  readonly directoryCaBundle: string;
  readonly httpbinImage: string;
  readonly signal: AbortSignal;
  readonly fault: ScenarioFault | null;
}

/** What a scenario acts on. Everything it does is noted as an action, everything it probes as a probe. */
export class Stage {
  readonly subject: Subject;
  readonly actions: Action[] = [];
  readonly probes: Probe[] = [];
  /** A PNG of what the browser showed that trusts the CA. */
  picture: Buffer | null = null;
  /** What the CA was asked by our own client; null where it was not. */
  acme: NonNullable<Evidence['acme']> | null = null;
  readonly #parts: StageParts;
  readonly #applied: KubeObject[] = [];
  /** What `removeIngressClass` removed, to make it again as it was. */
  #ingressClass: KubeObject | null = null;
  #address: string | null = null;
  #gaveUp = false;
  readonly #fault: FaultRun | null;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.subject = parts.scenario.subject(parts.names);
    const { fault, kube, signal } = parts;
    const context = {
      subject: this.subject,
      kube,
      applyObjects: (objects: readonly KubeObject[]) => this.#applyAsTheyAre(objects),
      pointHostAt: (address: string) => this.#pointHostAt(address),
      note: (name: ActionName, detail: string) => this.note(name, detail),
    };
    this.#fault = fault === null ? null : new FaultRun(fault, context, signal);
  }

  /** Ends the fault of the run, if it has one. @throws Error where it was never started or did not take effect */
  async endFault(): Promise<void> {
    await this.#fault?.end();
  }

  get kube(): KubeClient {
    return this.#parts.kube;
  }

  /** Where the application's objects go: its Service's namespace. */
  get #applicationNamespace(): string {
    return this.subject.application.service.split('.')[1] ?? 'default';
  }

  /** Says that the scenario did not come to its end: what is not served by now will not be, so nothing waits for it any more. */
  giveUp(): void {
    this.#gaveUp = true;
  }

  note(name: ActionName, detail: string): void {
    this.actions.push({ at: new Date().toISOString(), name, detail });
    this.#parts.onStep(name, detail);
  }

  /** Keeps probes as evidence. */
  #probed(...probes: readonly Probe[]): void {
    this.probes.push(...probes);
    for (const { name, outcome } of probes)
      this.#parts.onStep(actionNames.probe, 'error' in outcome ? `${name}: ${outcome.error}` : name);
  }

  /** Applies one manifest file of the scenario, after filling in its placeholders. */
  async apply(file: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#applyFile(join(fixturesFolder, this.#parts.scenario.manifests, file), variables);
  }

  /**
   * Applies the manifest file of the Issuer. Here the issuance begins: everything before it is the state that the scenario
   * starts from.
   */
  async applyIssuer(file: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#fault?.begin();
    await this.apply(file, variables);
  }

  async #applyFile(file: string, variables: Readonly<Record<string, string>>): Promise<void> {
    const { environment, names, directoryCaBundle, httpbinImage } = this.#parts;
    const { issuer, certificate, secret } = this.subject;
    const objects = await readManifest(file, {
      host: names.host,
      namespace: names.namespace,
      applicationNamespace: this.#applicationNamespace,
      // For any host where nobody else's are served: the challenge must find its way past that.
      applicationHost: environment.belongsToOthers ? names.host : '*',
      gatewayNamespace: names.gateway.namespace,
      // JSON is YAML.
      gatewaySelector: JSON.stringify(names.gateway.selector),
      ingressClass: names.gateway.ingressClass ?? '',
      issuerName: issuer.name,
      certificateName: certificate.name,
      secretName: secret.name,
      accountKeyName: this.#accountKeyName,
      ...Object.fromEntries(this.#furtherHosts.map((further, index) => [`furtherHost${index + 1}`, further])),
      domain: environment.domain,
      directoryUrl: environment.ca.directoryUrl,
      directoryCaBundle,
      httpbinImage,
      ...variables,
    });
    const { externalAccount } = environment.ca;
    await this.applyObjects(externalAccount === undefined ? objects : withExternalAccount(objects, externalAccount));
  }

  get #furtherHosts(): readonly string[] {
    const { names, scenario } = this.#parts;
    return scenario.furtherHosts?.(names) ?? [];
  }

  /** Every name that has an address: all but wildcards. */
  get #hosts(): readonly string[] {
    return [this.#parts.names.host, ...this.#furtherHosts.filter((host) => !host.startsWith('*.'))];
  }

  get offer(): Offer {
    return this.#parts.offer;
  }

  /** The Secret of the ACME account's key, as the use case's Issuer names it. */
  get #accountKeyName(): string {
    return `${accountKeySecret}${this.#parts.names.suffix}`;
  }

  /** Applies objects, with the changes that the fault of the run makes, and notes each for removal. */
  async applyObjects(objects: readonly KubeObject[]): Promise<void> {
    await this.#applyAsTheyAre(this.#fault?.changed(objects) ?? objects);
  }

  async #applyAsTheyAre(objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const { name, namespace } = object.metadata;
      this.note(actionNames.apply, `${object.kind}/${namespace === undefined ? '' : `${namespace}/`}${name}`);
    }
    // What is applied again is removed once, and before what it replaced would have been.
    this.#applied.push(...objects);
    await this.kube.apply(objects.map((object) => labelled(object, this.#parts.run)));
  }

  /** Deploys the application and waits until it is Available. */
  async deployHttpbin(): Promise<void> {
    const namespace = this.#applicationNamespace;
    await this.#applyFile(join(fixturesFolder, 'platform', 'httpbin.yaml'), { namespace });
    await this.#wait(
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace },
      deploymentAvailable('httpbin'),
      `Deployment ${namespace}/httpbin to be Available`,
      within.available,
    );
  }

  async #wait<Seen>(
    selection: ResourceSelection,
    predicate: Predicate<Seen>,
    what: string,
    withinMs: number,
  ): Promise<Seen> {
    const { kube, signal, onWait, onWaited } = this.#parts;
    onWait(what, withinMs);
    try {
      return await kube.waitFor(selection, predicate, { what, withinMs, signal });
    } finally {
      onWaited(what);
    }
  }

  /** Waits until the scenario's Issuer or Certificate is Ready. */
  async untilReady(kind: 'Issuer' | 'Certificate'): Promise<void> {
    const { namespace, name } = kind === 'Issuer' ? this.subject.issuer : this.subject.certificate;
    await this.#wait(
      { apiVersion: 'cert-manager.io/v1', kind, namespace },
      kind === 'Issuer' ? conditionTrue(kind, name, 'Ready') : certificateReady(`${namespace}/${name}`),
      `${kind} ${namespace}/${name} to be Ready`,
      kind === 'Issuer'
        ? within.issuerReady
        : this.#parts.fault === null
          ? within.certificateReady
          : within.certificateDespiteFault,
    );
    this.note(actionNames.ready, `${kind}/${namespace}/${name}`);
  }

  /** Waits until a Challenge of the scenario's Certificate says a reason. */
  async untilChallengeReason(reason: string, withinMs: number): Promise<void> {
    const { namespace } = this.subject.certificate;
    await this.#wait(
      { ...challengeResource, namespace },
      objectWhere(
        (challenge) => this.#isForHost(challenge),
        (challenge) => reasonOf(challenge).includes(reason),
      ),
      `the Challenge in ${namespace} to say "${reason}"`,
      withinMs,
    );
    this.note(actionNames.challengeReason, reason);
  }

  #isForHost(challenge: KubeObject): boolean {
    return (challenge as { spec?: { dnsName?: string } }).spec?.dnsName === this.#parts.names.host;
  }

  /** Waits until every Challenge, and with it what cert-manager made to solve it, is gone. */
  async untilSolverGone(): Promise<void> {
    const { namespace } = this.subject.certificate;
    const resources = [
      { apiVersion: 'v1', kind: 'Pod' },
      { apiVersion: 'v1', kind: 'Service' },
      this.subject.solver === 'ingress'
        ? { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
        : { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
    ];
    await Promise.all(
      resources.map((resource) =>
        this.#wait(
          { ...resource, namespace, labelSelector: 'acme.cert-manager.io/http01-solver=true' },
          (left) => (left.length === 0 ? true : undefined),
          `every solver ${resource.kind} in ${namespace} to be gone`,
          within.solverGone,
        ),
      ),
    );
    this.note(actionNames.solverGone, namespace);
  }

  /** Waits for the gateway's address and makes the host's name point at it, for Pods, the CA and clients alike. */
  async pointHostAtGateway(): Promise<void> {
    const { environment } = this.#parts;
    const { namespace, name } = this.subject.gateway;
    const service = await this.#wait(
      { apiVersion: 'v1', kind: 'Service', namespace },
      hasLoadBalancer(name),
      `Service ${namespace}/${name} to get an address`,
      environment.belongsToOthers ? within.addressOfOthers : within.address,
    );
    const address = await this.#addressOf(service);
    this.#address = address;
    for (const host of this.#hosts) {
      await environment.setAddresses(host, [address]);
      this.note(actionNames.dns, `${host} A ${address}`);
    }
  }

  /** A load balancer's host name is there before its records are, and nothing tells when they come: so they are asked for. */
  async #addressOf(service: KubeObject): Promise<string> {
    const { signal, onWait, onWaited } = this.#parts;
    const what = `the resolver of this machine to know ${loadBalancerOf(service)}`;
    const withinMs = within.addressOfOthers;
    const deadline = Date.now() + withinMs;
    try {
      for (;;) {
        const address = await loadBalancerAddress(service);
        if (address !== null) return address;
        if (Date.now() > deadline) throw new TimeoutError(what, withinMs, 'no address of that name');
        onWait(what, withinMs);
        await delay(1_000, undefined, { signal });
      }
    } finally {
      onWaited(what);
    }
  }

  /** Applies an Issuer that solves DNS-01 by updates of the environment's own name server. */
  async applyDns01Issuer(file: string): Promise<void> {
    const updates = await this.#parts.environment.dnsUpdates?.();
    if (updates === undefined) throw new Error('nothing here takes DNS updates');
    const { nameServer, keyName, algorithm, secret } = updates;
    await this.applyIssuer(file, { nameServer, tsigKeyName: keyName, tsigAlgorithm: algorithm, tsigSecret: secret });
  }

  /** Looks which TXT records the names of DNS-01 Challenges still have. */
  async probeTxtRecords(): Promise<void> {
    const { environment, probes } = this.#parts;
    for (const host of this.#hosts) {
      const probe = await probes.dns({
        name: txtProbeName(host),
        servers: environment.nameServers.map((server) => server),
        host: `_acme-challenge.${host}`,
        type: 'TXT',
        withinMs: within.request,
      });
      this.#probed(probe);
    }
  }

  /** Renews as `cmctl renew` does, by the condition Issuing, and waits until that came to its end. */
  async renewCertificate(): Promise<void> {
    const { namespace, name } = this.subject.certificate;
    const kind = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace };
    const untilIt = (holds: (certificate: CertificateObject) => boolean, what: string) =>
      this.#wait(
        kind,
        predicateOn('Certificate', name, holds),
        `Certificate ${namespace}/${name} ${what}`,
        within.certificateReady,
      );
    // Ready comes with the Secret, a moment before cert-manager ends the issuance: what is asked for in between is lost with it,
    // or is given the key of the first one.
    const issued = await untilIt(
      (it) =>
        (it.status?.revision ?? 0) >= 1 && it.status?.nextPrivateKeySecretName === undefined && !isTrue(it, 'Issuing'),
      'to be done with its first issuance',
    );
    const conditions = conditionsOf(issued).filter(({ type }) => type !== 'Issuing');
    const issuing = {
      type: 'Issuing',
      status: 'True',
      reason: 'ManuallyTriggered',
      message: 'Certificate re-issuance manually triggered',
      lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    this.note(actionNames.renew, `Certificate/${namespace}/${name}`);
    await this.kube.patchStatus({ ...kind, name }, { conditions: [...conditions, issuing] });
    await untilIt((it) => (it.status?.revision ?? 0) >= 2, 'to be of revision 2');
    this.note(actionNames.renewed, `Certificate/${namespace}/${name}`);
  }

  /** Asks the CA for what its directory advertises. */
  async noteProfiles(): Promise<void> {
    this.acme = { profiles: [...this.offer.profiles], revocations: [] };
  }

  /** Revokes the Secret's certificate by its own key, and asks for it once more (RFC 8555 section 7.6). */
  async revokeCertificate(): Promise<void> {
    const { environment, directoryCa } = this.#parts;
    const { namespace, name } = this.subject.secret;
    const secret = (await this.kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name })) as
      | { data?: Readonly<Record<string, string>> }
      | undefined;
    const entry = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
    const [leaf] = certificatesInPem(entry('tls.crt'));
    if (leaf === undefined) throw new Error(`Secret ${namespace}/${name} has no certificate to revoke`);
    const facts = certificateFacts(leaf);
    this.note(actionNames.revoke, `serial number ${facts.serialNumber}`);
    const { profiles, revocations } = await askCa(environment, {
      directoryUrl: environment.ca.directoryUrl,
      trustedRoots: directoryCa === '' ? null : directoryCa,
      revoke: { certificate: leaf, privateKey: entry('tls.key') },
    });
    const { fingerprintSha256 } = facts;
    this.acme = { profiles, revocations: revocations.map((one) => ({ ...one, fingerprintSha256 })) };
  }

  /** Makes the host's name point elsewhere. */
  async #pointHostAt(address: string): Promise<void> {
    await this.#parts.environment.setAddresses(this.#parts.names.host, [address]);
    this.note(actionNames.dns, `${this.#parts.names.host} A ${address}`);
  }

  /** The gateway's address, once `pointHostAtGateway` knows it. */
  get #gatewayAddress(): string {
    if (this.#address === null) throw new Error('the gateway has no address yet');
    return this.#address;
  }

  /** Waits until the application answers on port 80 of the host: the gateway learns its routes without telling anyone. */
  async probeUntilApplicationAnswers(): Promise<void> {
    const probe = await this.#probeUntil(
      () =>
        this.#http(
          probeNames.applicationBefore,
          `http://${this.#parts.names.host}/get?padlock=${probeNames.applicationBefore}`,
          'none',
        ),
      (seen) => 'status' in seen.outcome && seen.outcome.status === 200,
      within.application,
    );
    this.#probed(probe);
    if ('error' in probe.outcome || probe.outcome.status !== 200) {
      throw new Error(
        `the application did not answer on port 80 within ${within.application} ms: ${JSON.stringify(probe.outcome)}`,
      );
    }
  }

  /** Asks for a path below the challenge prefix that no Challenge has: where does it lead before there is any? */
  async probeChallengePath(): Promise<void> {
    const path = '/.well-known/acme-challenge/padlock-probe';
    this.#probed(await this.#http(probeNames.challengePathBefore, `http://${this.#parts.names.host}${path}`, 'none'));
  }

  /**
   * Asks for a path that no Challenge has, once all is over: the gateway writes its access log late, and when this request is
   * in it, so are the CA's.
   */
  async probeChallengePathAfter(): Promise<void> {
    if (this.#address === null) return;
    const path = '/.well-known/acme-challenge/padlock-probe-after';
    this.#probed(await this.#http(probeNames.challengePathAfter, `http://${this.#parts.names.host}${path}`, 'none'));
  }

  /** Asks for the very path of the Challenge that waits now. */
  async probeRecordedChallengePath(): Promise<void> {
    const { namespace } = this.subject.certificate;
    const challenges = await this.kube.list({ ...challengeResource, namespace });
    for (const challenge of challenges) {
      const token = (challenge as { spec?: { token?: string } }).spec?.token;
      if (!token || !this.#isForHost(challenge)) continue;
      const url = `http://${this.#parts.names.host}/.well-known/acme-challenge/${token}`;
      this.#probed(await this.#http(probeNames.challengePathWhileWaiting, url, 'none'));
    }
  }

  /**
   * Looks at what is served once the gateway has the certificate: the handshake with the CA's roots, the same with a
   * foreign root as a control, the application over HTTPS and, still, over HTTP.
   */
  async probeServedCertificate(): Promise<void> {
    if (this.#address === null) return;
    const { host } = this.#parts.names;
    const trusted = await this.#probeUntil(
      () => this.#tls(probeNames.tlsTrusted, 'ca-roots'),
      (seen) => 'chain' in seen.outcome,
      this.#gaveUp ? 0 : within.served,
    );
    this.#probed(trusted);
    this.#probed(
      ...(await Promise.all([
        this.#tls(probeNames.tlsForeignRoot, 'foreign-root'),
        this.#probeUntil(
          () =>
            this.#http(
              probeNames.httpsApplication,
              `https://${host}/get?padlock=${probeNames.httpsApplication}`,
              'ca-roots',
            ),
          (seen) => 'status' in seen.outcome && seen.outcome.status === 200,
          // The gateway may have the certificate a moment before the routes of that port.
          'chain' in trusted.outcome ? within.served : 0,
        ),
        this.#http(
          probeNames.httpApplicationAfter,
          `http://${host}/get?padlock=${probeNames.httpApplicationAfter}`,
          'none',
        ),
      ])),
    );
    // Where no certificate came, no page will.
    if (!this.#gaveUp) await this.#openInBrowser();
  }

  /** Opens the host in a browser that trusts the CA's root and nothing more, and, as a control, in one that trusts nothing. */
  async #openInBrowser(): Promise<void> {
    const { browser, environment, names, caRoots, onWait, onWaited } = this.#parts;
    if (browser === null) return;
    const what = 'the browser to show the page';
    onWait(what, within.browser);
    const common = { url: `https://${names.host}/`, withinMs: within.browser, scratch: environment.scratchOutside };
    const [trusted, control] = await Promise.all([
      browser.open({
        ...common,
        name: probeNames.browserTrusted,
        trust: 'ca-roots',
        roots: [...caRoots],
        screenshot: true,
      }),
      browser.open({ ...common, name: probeNames.browserControl, trust: 'none', roots: [], screenshot: false }),
    ]);
    onWaited(what);
    this.#probed(trusted.probe, control.probe);
    this.picture = trusted.screenshot;
  }

  /** Looks, for a scenario that did not come to its end, where the host's name leads and what its challenge path answers. */
  async probeForDiagnosis(): Promise<void> {
    const { names, environment, probes } = this.#parts;
    const dns = await probes.dns({
      name: probeNames.diagnosisDns,
      servers: [...environment.nameServers],
      host: names.host,
      type: 'A',
      withinMs: within.request,
    });
    this.#probed(dns);
    const address = 'records' in dns.outcome ? dns.outcome.records[0] : undefined;
    if (address === undefined) return;
    const challenges = await this.kube.list({ ...challengeResource, namespace: this.subject.certificate.namespace });
    const tokens = challenges
      .filter((challenge) => this.#isForHost(challenge))
      .flatMap((challenge) => (challenge as { spec?: { token?: string } }).spec?.token ?? []);
    const [token] = tokens;
    if (token === undefined) return;
    const url = `http://${names.host}/.well-known/acme-challenge/${token}`;
    this.#probed(
      await probes.http({
        name: probeNames.diagnosisChallengePath,
        url,
        address,
        trust: 'none',
        roots: [],
        withinMs: within.request,
      }),
    );
  }

  #roots(trust: TlsProbe['trust']): readonly string[] {
    return trust === 'ca-roots' ? this.#parts.caRoots : [this.#parts.foreignRoot];
  }

  #http(name: string, url: string, trust: 'none' | 'ca-roots'): Promise<HttpProbe> {
    return this.#parts.probes.http({
      name,
      url,
      address: this.#gatewayAddress,
      trust,
      roots: trust === 'none' ? [] : [...this.#roots(trust)],
      withinMs: within.request,
    });
  }

  #tls(name: string, trust: TlsProbe['trust']): Promise<TlsProbe> {
    return this.#parts.probes.tls({
      name,
      address: this.#gatewayAddress,
      port: 443,
      serverName: this.#parts.names.host,
      trust,
      roots: [...this.#roots(trust)],
      withinMs: within.request,
    });
  }

  /** Probes until one satisfies, or the time is over; the last one is the evidence either way. */
  async #probeUntil<Seen extends Probe>(
    probe: () => Promise<Seen>,
    satisfies: (seen: Seen) => boolean,
    withinMs: number,
  ): Promise<Seen> {
    const { signal, onWait, onWaited } = this.#parts;
    const deadline = Date.now() + withinMs;
    let what = '';
    try {
      for (;;) {
        signal.throwIfAborted();
        const seen = await probe();
        if (satisfies(seen) || Date.now() > deadline) return seen;
        what = `${seen.name} to succeed`;
        onWait(what, withinMs);
        await delay(100, undefined, { signal });
      }
    } finally {
      onWaited(what);
    }
  }

  async removeIngressClass(): Promise<void> {
    const name = this.#parts.names.gateway.ingressClass ?? ingressGatewayOfCharts.ingressClass ?? '';
    this.#ingressClass = (await this.kube.get({ ...ingressClass, name })) ?? null;
    await this.kube.remove({ ...ingressClass, name });
    this.note(actionNames.removeIngressClass, name);
  }

  /** Makes the IngressClass again: as it was, and as the platform has it where there was none. */
  async createIngressClass(): Promise<void> {
    const removed = this.#ingressClass;
    const objects =
      removed === null
        ? await readManifest(join(fixturesFolder, 'platform', 'ingress-class.yaml'), {})
        : [withoutServerFields(removed)];
    this.note(actionNames.createIngressClass, objects[0]?.metadata.name ?? '');
    await this.kube.apply(objects);
  }

  /** Removes everything that the scenario made, and waits until it is gone where another scenario could meet it. */
  async clear(): Promise<void> {
    const { names, environment, onStep } = this.#parts;
    const { issuer, secret } = this.subject;
    onStep('remove', 'what the scenario made');
    if (this.subject.solver === 'dns01') await this.#removeDns01();
    // The namespace of the scenario's own takes all in it along.
    await this.kube.remove({ apiVersion: 'v1', kind: 'Namespace', name: names.namespace });
    const isShared = ({ namespace }: ObjectRef) => namespace !== names.namespace;
    await this.#removeAndWait(this.#applied.map(refOf).filter(isShared));
    // Only after the Issuer and the Certificate: cert-manager would make them again.
    const secrets = [secret, { namespace: issuer.namespace, name: this.#accountKeyName }];
    await this.#removeAndWait(
      secrets.map((reference) => ({ apiVersion: 'v1', kind: 'Secret', ...reference })).filter(isShared),
    );
    for (const host of this.#hosts) await environment.setAddresses(host, []);
  }

  /** A Challenge that does not go keeps the rest from going no longer than this waits. */
  async #removeDns01(): Promise<void> {
    const { onStep, onWait, onWaited } = this.#parts;
    const { certificate } = this.subject;
    const what = `every Challenge in ${certificate.namespace} to be gone`;
    const withinMs = within.challengesGone;
    try {
      await removeDns01(this.kube, certificate, { what, withinMs, onWait: () => onWait(what, withinMs) });
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      onStep('remove', error.message);
    } finally {
      onWaited(what);
    }
  }

  /** Whatever ended the scenario, what it made goes: so without its signal. */
  async #removeAndWait(refs: readonly ObjectRef[]): Promise<void> {
    const once = new Map(refs.map((ref) => [`${ref.apiVersion} ${describeRef(ref)}`, ref]));
    await Promise.all(
      [...once.values()].map(async (ref) => {
        await this.kube.remove(ref);
        const { apiVersion, kind, namespace } = ref;
        const what = `${describeRef(ref)} to be gone`;
        const withinMs = within.available;
        this.#parts.onWait(what, withinMs);
        await this.kube.waitFor(
          { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
          gone(kind, ref.name),
          { what, withinMs },
        );
        this.#parts.onWaited(what);
      }),
    );
  }
}

/** As far as a renewal reads it. */
interface CertificateObject extends KubeObject {
  readonly status?: {
    readonly revision?: number;
    readonly nextPrivateKeySecretName?: string;
  };
}

const accountKeySecret = 'letsencrypt-prod';
const ingressClass = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' };

/** What a user would apply to make the object again. */
function withoutServerFields({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    spec,
  };
}

function reasonOf(challenge: KubeObject): string {
  return (challenge as { status?: { reason?: string } }).status?.reason ?? '';
}
