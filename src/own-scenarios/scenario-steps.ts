import { readFileSync } from 'node:fs';
import type { KubeObject, ObjectRef } from '../kube/kube-object.ts';
import { conditionTrue, gone } from '../kube/until.ts';
import { deployApplication } from '../suite/actions/application.ts';
import { dnsUpdatePlaceholders } from '../suite/actions/dns01-issuer.ts';
import { pointHostAtAddress, pointHostAtGateway } from '../suite/actions/host-addresses.ts';
import { renewCertificate } from '../suite/actions/renewal.ts';
import { revokeCertificate } from '../suite/actions/revocation.ts';
import type { ScenarioContext } from '../suite/context/context.ts';
import {
  probeChallengePath,
  probeChallengePathAfter,
  probeServedCertificate,
  probeTxtRecords,
  probeUntilApplicationAnswers,
} from '../suite/context/probes.ts';
import {
  untilCertificateReady,
  untilChallengeReason,
  untilIssuerReady,
  untilSolverGone,
} from '../suite/context/waits.ts';
import { scaled } from '../time-scale.ts';
import { UserError } from '../user-error.ts';
import { inOwnNamespaces } from './in-own-namespaces.ts';
import { manifestFile } from './manifest-file.ts';

const conditionWithinMs = 60_000;

/** Objects of one kind, in the scenario's own namespace unless another one is given. */
export interface ObjectSelection {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
}

/**
 * What a user's scenario acts through. Every step is kept as evidence. Each wait has a limit and throws an error that says what was
 * last seen. All of it is removed after the scenario.
 */
export class ScenarioSteps {
  readonly #context: ScenarioContext;
  readonly #namespaces: readonly string[];
  readonly #changesClusterWide: boolean;
  readonly #onStep: () => void;

  /**
   * @internal
   * @param scope the namespaces in which the scenario may apply objects, its own one first
   * @param onStep called when a step begins
   */
  constructor(
    context: ScenarioContext,
    scope: { readonly namespaces: readonly string[]; readonly changesClusterWide: boolean },
    onStep: () => void,
  ) {
    this.#context = context;
    this.#namespaces = scope.namespaces;
    this.#changesClusterWide = scope.changesClusterWide;
    this.#onStep = onStep;
  }

  /** The host name under test, new in every run. */
  get host(): string {
    return this.#context.subject.host;
  }

  /** The scenario's own namespace, new in every run. Objects without a namespace go there. */
  get namespace(): string {
    return this.#context.parts.names.namespace;
  }

  /** The ingress gateway of the environment: the namespace and the name of its Service. */
  get gateway(): { readonly namespace: string; readonly service: string } {
    const { namespace, service } = this.#context.parts.names.gateway;
    return { namespace, service };
  }

  /** The URL of the CA's ACME directory, as cert-manager reaches it. */
  get directoryUrl(): string {
    return this.#context.parts.environment.ca.directoryUrl;
  }

  /** Aborts at the scenario's time limit, and when the run is interrupted. */
  get signal(): AbortSignal {
    return this.#context.parts.signal;
  }

  /**
   * Applies manifests of the scenario's folder, or of Padlock's shared ones (`issuer.yaml`, `certificate.yaml`, `gateway.yaml`,
   * `issuer-dns01.yaml`) where the folder has none of that name. Placeholders such as `${host}` are filled in.
   *
   * @throws Error for an object outside the scenario's namespaces; where the API server refuses an object
   */
  async apply(files: string | readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#begin();
    for (const name of [files].flat()) {
      const file = this.#manifest(name);
      const text = readFileSync(file, 'utf8');
      const usesDnsUpdates = /\$\{(nameServer|tsig)/.test(text);
      const updates = usesDnsUpdates ? await dnsUpdatePlaceholders(this.#context) : {};
      const { gateway } = this.#context.parts.names;
      const own = { gatewayService: gateway.service, ...updates, ...variables };
      await this.#apply(await this.#context.objectsOf(file, own));
    }
  }

  /** Applies objects. @throws Error for an object outside the scenario's namespaces; where the API server refuses an object */
  async applyObjects(objects: readonly KubeObject[]): Promise<void> {
    this.#begin();
    await this.#apply(objects);
  }

  /**
   * Deploys a small HTTP application (go-httpbin) as the Service `httpbin` with port 8000, in the namespace of the subject's
   * application, and waits until it is Available.
   */
  async deployApplication(): Promise<void> {
    this.#begin();
    await deployApplication(this.#context);
  }

  /** Points the scenario's names at the gateway, whose address it waits for, or at an IPv4 address. */
  async pointHostAt(target: string): Promise<void> {
    this.#begin();
    if (target === 'gateway') await pointHostAtGateway(this.#context);
    else await pointHostAtAddress(this.#context, target);
  }

  /** Waits until port 80 of the host answers as the scenario expects. */
  async untilApplicationAnswers(): Promise<void> {
    this.#begin();
    await probeUntilApplicationAnswers(this.#context);
    await probeChallengePath(this.#context);
  }

  async untilIssuerReady(): Promise<void> {
    this.#begin();
    await untilIssuerReady(this.#context);
  }

  /** Waits until the Certificate is Ready. @throws Error with the CA's words if its Order errored */
  async untilCertificateReady(): Promise<void> {
    this.#begin();
    await untilCertificateReady(this.#context);
  }

  /** Waits until a Challenge gives a reason that contains the words. */
  async untilChallengeSays(words: string, withinMs = conditionWithinMs): Promise<void> {
    this.#begin();
    await untilChallengeReason(this.#context, words, scaled(withinMs));
  }

  /** Waits until cert-manager has removed what it made to solve HTTP-01 Challenges. */
  async untilSolverGone(): Promise<void> {
    this.#begin();
    await untilSolverGone(this.#context);
  }

  /** Waits until a condition of an object is True for its present spec, e.g. Available of a Deployment. */
  async untilCondition(object: ObjectRef, condition: string, withinMs = conditionWithinMs): Promise<void> {
    this.#begin();
    const { apiVersion, kind, name, namespace = this.namespace } = object;
    await this.#context.wait(
      { apiVersion, kind, namespace },
      conditionTrue(kind, name, condition),
      `${kind} ${namespace}/${name} to be ${condition}`,
      scaled(withinMs),
    );
  }

  /** Waits until an object does not exist. */
  async untilGone(object: ObjectRef, withinMs = conditionWithinMs): Promise<void> {
    this.#begin();
    const { apiVersion, kind, name, namespace = this.namespace } = object;
    const what = `${kind} ${namespace}/${name} to be gone`;
    await this.#context.wait({ apiVersion, kind, namespace }, gone(kind, name), what, scaled(withinMs));
  }

  /**
   * Watches the selected objects until a function of them gives something, which it resolves with.
   *
   * @param what is waited for, to follow `waiting for`, e.g. `the Pod to run`
   */
  async until<Seen>(
    selection: ObjectSelection,
    predicate: (objects: readonly KubeObject[]) => Seen | undefined,
    what: string,
    withinMs = conditionWithinMs,
  ): Promise<Seen> {
    this.#begin();
    return await this.#context.wait({ namespace: this.namespace, ...selection }, predicate, what, scaled(withinMs));
  }

  /** The object as it is now; undefined if it does not exist. */
  async get(object: ObjectRef): Promise<KubeObject | undefined> {
    this.#begin();
    return await this.#context.kube.get({ namespace: this.namespace, ...object }, this.signal);
  }

  /** Renews the Certificate as `cmctl renew` does, and waits until the renewal ended. */
  async renewCertificate(): Promise<void> {
    this.#begin();
    await renewCertificate(this.#context);
  }

  /** Revokes the certificate in the Secret by its own key (RFC 8555 section 7.6). */
  async revokeCertificate(): Promise<void> {
    this.#begin();
    await revokeCertificate(this.#context);
  }

  /** Probes what the gateway serves from outside the cluster: TLS, the application, plain HTTP, and the page in a browser. */
  async probeServedCertificate(): Promise<void> {
    this.#begin();
    await probeServedCertificate(this.#context);
  }

  /** Probes the challenge path once the issuance is over. */
  async probeChallengePathAfter(): Promise<void> {
    this.#begin();
    await probeChallengePathAfter(this.#context);
  }

  /** Probes for TXT records that DNS-01 left. */
  async probeTxtRecords(): Promise<void> {
    this.#begin();
    await probeTxtRecords(this.#context);
  }

  async #apply(objects: readonly KubeObject[]): Promise<void> {
    const placed = await inOwnNamespaces(objects, {
      namespaces: this.#namespaces,
      changesClusterWide: this.#changesClusterWide,
      isNamespaced: async (object) => (await this.#context.kube.resource(object)).namespaced,
    });
    if (placed.some(({ kind }) => kind === 'Issuer')) await this.#context.beginFault();
    await this.#context.applyRead(placed);
  }

  #manifest(name: string): string {
    const { manifests } = this.#context.parts.scenario;
    const file = manifestFile(manifests, name);
    if (file !== null) return file;
    throw new UserError(`There is no manifest ${name} in ${manifests}.`);
  }

  #begin(): void {
    this.#onStep();
    // A scenario that was given up must not act any more.
    this.signal.throwIfAborted();
  }
}
