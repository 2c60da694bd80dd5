import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateAuthority, RunningEnvironment } from '../../environment/environment.ts';
import { labelled } from '../../environment/run-label.ts';
import { type ActionName, actionNames } from '../../evidence/action-names.ts';
import type { BrowserClient } from '../../evidence/browser/browser-client.ts';
import type { Evidence, Expectations, Probe, Subject } from '../../evidence/evidence.ts';
import type { ProbeClient, ProbeSeries } from '../../evidence/probes/probe-client.ts';
import type { CaLogRecorder } from '../../evidence/recorders/ca-log-recorder.ts';
import { ObjectHistories } from '../../evidence/recorders/object-histories.ts';
import type { ScenarioFault } from '../../faults/fault.ts';
import { FaultRun } from '../../faults/fault-run.ts';
import type { KubeClient, ResourceSelection } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { readManifest } from '../../kube/manifests.ts';
import type { Predicate } from '../../kube/until.ts';
import type { Capabilities } from './capabilities.ts';
import { withExternalAccount } from './external-account.ts';
import { placeholdersOf } from './placeholders.ts';
import type { ScenarioNames } from './scenario-names.ts';
import type { ScenarioObserver } from './scenario-observer.ts';
import { within } from './time-limits.ts';

/** The manifests of what every environment has, and of what several scenarios apply. */
export const fixturesFolder = join(import.meta.dirname, '..', '..', '..', 'fixtures');

type Action = Evidence['actions'][number];

/** What the context needs of a scenario. */
export interface ScenarioMaterial {
  /** The path of the folder of its manifests. */
  readonly manifests: string;
  /** What the scenario is about; checks find their objects by it. */
  subject(names: ScenarioNames): Omit<Subject, 'expects'>;
  /** What it expects of what is served; absent if nothing is. */
  readonly expects?: Expectations;
  /** The names besides its host that it issues for; all but wildcards point at the gateway with it. */
  furtherHosts?(names: ScenarioNames): readonly string[];
}

/** What the context of a scenario is built from. */
export interface ContextParts extends ScenarioObserver {
  /** The name of the run, which labels all that is applied. */
  readonly run: string;
  readonly scenario: ScenarioMaterial;
  readonly names: ScenarioNames;
  readonly environment: RunningEnvironment;
  readonly kube: KubeClient;
  /** Makes the probes from outside the cluster. */
  readonly outside: ProbeClient;
  /** A browser outside the cluster, or null if the run leaves it out. */
  readonly browser: BrowserClient | null;
  /** PEM: the roots of the CA under test, and a root that signed nothing here. */
  readonly caRoots: readonly string[];
  readonly foreignRoot: string;
  readonly capabilities: Capabilities;
  /** PEM; empty if clients trust the directory anyway. */
  readonly directoryCa: string;
  readonly httpbinImage: string;
  readonly signal: AbortSignal;
  readonly fault: ScenarioFault | null;
}

/** The CA of one scenario, where it is not that of the environment. */
export interface ScenarioCa {
  readonly authority: CertificateAuthority;
  /** PEM. */
  readonly roots: readonly string[];
  /** PEM: the root of its directory's own certificate. */
  readonly directoryCa: string;
  readonly log: CaLogRecorder;
}

/**
 * What a scenario acts through. Whatever it does is kept as an action, whatever it probes as a probe; both become evidence.
 * Waits, probes and clean-up are functions of it, in files of their own.
 */
export class ScenarioContext {
  readonly parts: ContextParts;
  readonly subject: Subject;
  readonly actions: Action[] = [];
  readonly probes: Probe[] = [];
  /** Objects that no recorder watches, as they were when something looked. */
  readonly seen = new ObjectHistories();
  /** The screenshot, a PNG, of the browser that trusts the CA. */
  picture: Buffer | null = null;
  /** The requests of Padlock's own ACME client to the CA; null if there were none. */
  acme: NonNullable<Evidence['acme']> | null = null;
  /** A CA of the scenario's own; null while it uses that of the environment. */
  ownCa: ScenarioCa | null = null;
  /** What the scenario started outside the cluster; it ends after everything else of the scenario. */
  readonly started = new AsyncDisposableStack();
  readonly #series: ProbeSeries<Probe>[] = [];
  /** The address of the gateway; null until the host points at it. */
  gatewayAddress: string | null = null;
  /** The names that were pointed at an address. */
  readonly pointed = new Set<string>();
  /** Objects that were applied, in order; an object that was applied twice is in it twice. */
  readonly applied: KubeObject[] = [];
  #endedEarly = false;
  readonly #fault: FaultRun | null;

  constructor(parts: ContextParts) {
    this.parts = parts;
    const { expects } = parts.scenario;
    this.subject = { ...parts.scenario.subject(parts.names), ...(expects === undefined ? {} : { expects }) };
    const { fault, kube, signal } = parts;
    const faultContext = {
      subject: this.subject,
      kube,
      applyObjects: (objects: readonly KubeObject[]) => this.#applyUnchanged(objects),
      pointHostAt: (address: string) => this.pointAt(parts.names.host, address),
      note: (name: ActionName, detail: string) => this.note(name, detail),
    };
    this.#fault = fault === null ? null : new FaultRun(fault, faultContext, signal);
  }

  get kube(): KubeClient {
    return this.parts.kube;
  }

  /** The CA that the scenario's Issuers order from. */
  get ca(): CertificateAuthority {
    return this.ownCa?.authority ?? this.parts.environment.ca;
  }

  /** PEM: the root of the directory's own certificate; empty if clients trust it anyway. */
  get directoryCa(): string {
    return this.ownCa?.directoryCa ?? this.parts.directoryCa;
  }

  /** The roots that clients trust, PEM. */
  get caRoots(): readonly string[] {
    return this.ownCa?.roots ?? this.parts.caRoots;
  }

  get capabilities(): Capabilities {
    return this.parts.capabilities;
  }

  /** The namespace of the application's objects: that of its Service. */
  get applicationNamespace(): string {
    return this.subject.application.service.split('.')[1] ?? 'default';
  }

  /** The names that the scenario issues for, its host first. */
  get hosts(): readonly string[] {
    const { names, scenario } = this.parts;
    return [names.host, ...(scenario.furtherHosts?.(names) ?? [])];
  }

  /** The names that can have an address: all but wildcards. */
  get addressableHosts(): readonly string[] {
    return this.hosts.filter((host) => !host.startsWith('*.'));
  }

  /** Whether `act` ended early. Then nothing more will be served, so no probe waits for it. */
  get endedEarly(): boolean {
    return this.#endedEarly;
  }

  endEarly(): void {
    this.#endedEarly = true;
  }

  /** How long the Certificate may take to become Ready, in milliseconds. */
  get certificateWithinMs(): number {
    return this.parts.fault === null ? within.certificateReady : within.certificateDespiteFault;
  }

  /** Points a name at an address, for Pods, the CA and clients alike. */
  async pointAt(host: string, address: string): Promise<void> {
    this.pointed.add(host);
    await this.parts.environment.setAddresses(host, [address]);
    this.note(actionNames.dns, `${host} A ${address}`);
  }

  /** Keeps an action as evidence. */
  note(name: ActionName, detail: string): void {
    this.actions.push({ at: new Date().toISOString(), name, detail });
    this.parts.onStep(name, detail);
  }

  /** Keeps probes as evidence. */
  keep(...probes: readonly Probe[]): void {
    this.probes.push(...probes);
    for (const { name, outcome } of probes)
      this.parts.onStep(actionNames.probe, 'error' in outcome ? `${name}: ${outcome.error}` : name);
  }

  /** Begins a probe that goes on beside the scenario. It is kept as evidence when it ends, at the latest with the scenario. */
  begin(series: ProbeSeries<Probe>): void {
    this.#series.push(series);
  }

  /** Ends every probe that goes on beside the scenario, and keeps what they saw. */
  async endSeries(): Promise<void> {
    const series = this.#series.splice(0);
    this.keep(...(await Promise.all(series.map((one) => one.end()))));
  }

  /** Applies a manifest file of the scenario, or of `fixtures/shared` if the scenario has none of that name. */
  async apply(file: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    const own = join(this.parts.scenario.manifests, file);
    await this.applyFile(existsSync(own) ? own : join(fixturesFolder, 'shared', file), variables);
  }

  /**
   * Applies the manifest file of the Issuer. Here the issuance begins: everything before it is the state that the scenario
   * starts from.
   */
  async applyIssuer(file: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.beginFault();
    await this.apply(file, variables);
  }

  /** Begins the fault of the run, if it has one that has not begun. */
  async beginFault(): Promise<void> {
    await this.#fault?.begin();
  }

  /** Ends the fault of the run, if it has one. @throws Error if it was never started or did not take effect */
  async endFault(): Promise<void> {
    await this.#fault?.end();
  }

  /** Applies a manifest file, given by its path, with its placeholders filled in. */
  async applyFile(file: string, variables: Readonly<Record<string, string>>): Promise<void> {
    await this.applyRead(await this.objectsOf(file, variables));
  }

  /** The objects of a manifest file, given by its path, with its placeholders filled in. */
  async objectsOf(file: string, variables: Readonly<Record<string, string>>): Promise<KubeObject[]> {
    return await readManifest(file, { ...placeholdersOf(this), ...variables });
  }

  /** Applies the objects of a manifest. An Issuer gets the external account of the CA, if it demands one. */
  async applyRead(objects: readonly KubeObject[]): Promise<void> {
    const { externalAccount } = this.ca;
    await this.applyObjects(externalAccount === undefined ? objects : withExternalAccount(objects, externalAccount));
  }

  /** Applies objects, with the changes that the fault of the run makes, and keeps each for removal. */
  async applyObjects(objects: readonly KubeObject[]): Promise<void> {
    await this.#applyUnchanged(this.#fault?.changed(objects) ?? objects);
  }

  async #applyUnchanged(objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const { name, namespace } = object.metadata;
      this.note(actionNames.apply, `${object.kind}/${namespace === undefined ? '' : `${namespace}/`}${name}`);
    }
    this.applied.push(...objects);
    await this.kube.apply(objects.map((object) => labelled(object, this.parts.run)));
  }

  /** Waits until a predicate holds for the selected objects. @throws TimeoutError at the limit */
  wait<Seen>(selection: ResourceSelection, predicate: Predicate<Seen>, what: string, withinMs: number): Promise<Seen> {
    const { kube, signal } = this.parts;
    return this.waiting(what, withinMs, () => kube.waitFor(selection, predicate, { what, withinMs, signal }));
  }

  /** Reports that the scenario waits, for as long as the work takes. */
  async waiting<Result>(what: string, withinMs: number, work: () => Promise<Result>): Promise<Result> {
    const { onWait, onWaited } = this.parts;
    onWait(what, withinMs);
    try {
      return await work();
    } finally {
      onWaited(what);
    }
  }
}
