import { isTrue } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { WatchEvent } from '../kube/watch.ts';
import { indexOfHost, indexOfName, type LoadPlan } from './load-plan.ts';

/** The moments of one certificate, in the order in which they come; a CA issuer has only the first and the last two. */
export const certificateMoments = [
  'requested',
  'ordered',
  'challenged',
  'presented',
  'valid',
  'ready',
  'configured',
  'served',
] as const;
export type CertificateMoment = (typeof certificateMoments)[number];

/** When each moment of a certificate was seen, in ms since the epoch, on this machine's clock. */
export type CertificateRecord = Readonly<Partial<Record<CertificateMoment, number>>>;

/** What the API server stored of one kind for the load. */
export interface StoredKind {
  readonly kind: string;
  readonly objects: number;
  /** How often one was stored: made or changed. */
  readonly writes: number;
  /** The JSON of each state that was stored, without managed fields added up: what goes through etcd at least. */
  readonly bytes: number;
}

/** What is watched for a load, in the namespace of the gateway. */
export const watchedKinds = [
  { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
  { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest' },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order' },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
] as const;

interface Stored {
  objects: number;
  writes: number;
  bytes: number;
}

const solverLabel = 'acme.cert-manager.io/http01-solver';

/** Takes the events of all watches, and keeps moments and sums: no object, so that thousands of certificates fit. */
export class IssuanceLedger {
  readonly #plan: Pick<LoadPlan, 'run' | 'domain' | 'certificates'>;
  readonly #records: Partial<Record<CertificateMoment, number>>[];
  readonly #stored = new Map<string, Stored>();
  readonly #solverPods = new Set<string>();
  #mostSolverPods = 0;
  #ready = 0;
  #lastReadyAt: number | null = null;
  readonly #reasons = new Map<string, string>();
  /** Called with the number of a certificate that became Ready. */
  onReady: (index: number) => void = () => {};

  constructor(plan: Pick<LoadPlan, 'run' | 'domain' | 'certificates'>) {
    this.#plan = plan;
    this.#records = Array.from({ length: plan.certificates }, () => ({}));
  }

  get records(): readonly CertificateRecord[] {
    return this.#records;
  }

  get stored(): readonly StoredKind[] {
    return [...this.#stored].map(([kind, sums]) => ({ kind, ...sums }));
  }

  /** How many certificates are Ready, and when the last one became so. */
  get ready(): { readonly count: number; readonly lastAt: number | null } {
    return { count: this.#ready, lastAt: this.#lastReadyAt };
  }

  /** The most Pods of solvers that there were at the same time. */
  get mostSolverPods(): number {
    return this.#mostSolverPods;
  }

  /** What Challenges that are not valid say, with how many say it, the most frequent first. */
  get reasons(): readonly (readonly [reason: string, count: number])[] {
    const counts = new Map<string, number>();
    for (const reason of this.#reasons.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return [...counts].toSorted(([, one], [, other]) => other - one);
  }

  /** Notes a moment that no watch sees. The first one counts. */
  note(index: number, moment: CertificateMoment, at: number): void {
    const record = this.#records[index];
    if (record !== undefined) record[moment] ??= at;
  }

  take({ change, object, at }: WatchEvent): void {
    const index = this.#indexOf(object);
    if (index === null) return;
    if (change !== 'deleted') this.#store(change, object);
    this.#countSolver(change, object);
    this.#moment(index, object, at.getTime(), change);
  }

  #indexOf(object: KubeObject): number | null {
    const { kind, metadata } = object;
    const { name, annotations } = metadata;
    if (kind === 'Certificate') return this.#known(indexOfName(this.#plan, name));
    const ofCertificate = annotations?.['cert-manager.io/certificate-name'];
    if (ofCertificate !== undefined) return this.#known(indexOfName(this.#plan, ofCertificate));
    return this.#known(hostsOf(object).map((host) => indexOfHost(this.#plan, host))[0] ?? ownedBy(object, this.#plan));
  }

  #known(index: number | null): number | null {
    return index !== null && index < this.#plan.certificates ? index : null;
  }

  #store(change: WatchEvent['change'], { kind, metadata, ...object }: KubeObject): void {
    const { managedFields: _, ...rest } = metadata;
    const sums = this.#stored.get(kind) ?? { objects: 0, writes: 0, bytes: 0 };
    this.#stored.set(kind, sums);
    if (change !== 'modified') sums.objects += 1;
    sums.writes += 1;
    sums.bytes += JSON.stringify({ kind, metadata: rest, ...object }).length;
  }

  #countSolver(change: WatchEvent['change'], { kind, metadata }: KubeObject): void {
    if (kind !== 'Pod' || metadata.labels?.[solverLabel] !== 'true') return;
    if (change === 'deleted') this.#solverPods.delete(metadata.name);
    else this.#solverPods.add(metadata.name);
    this.#mostSolverPods = Math.max(this.#mostSolverPods, this.#solverPods.size);
  }

  #moment(index: number, object: KubeObject, at: number, change: WatchEvent['change']): void {
    const { kind, metadata } = object;
    if (kind === 'Certificate' && isTrue(object, 'Ready')) {
      if (this.#records[index]?.ready === undefined) {
        this.#ready += 1;
        this.#lastReadyAt = at;
        this.note(index, 'ready', at);
        this.onReady(index);
      }
    }
    if (kind === 'Order') this.note(index, 'ordered', at);
    if (kind !== 'Challenge') return;
    this.note(index, 'challenged', at);
    const { presented, state, reason } = statusOf(object);
    if (presented) this.note(index, 'presented', at);
    if (state === 'valid') this.note(index, 'valid', at);
    if (change === 'deleted' || state === 'valid' || reason === '') this.#reasons.delete(metadata.name);
    else this.#reasons.set(metadata.name, reason.replaceAll(/c\d+\.\S+/g, 'HOST').slice(0, 200));
  }
}

/** The hosts that an Order, a Challenge, or a solver's object is for. */
function hostsOf({ kind, spec }: KubeObject): readonly string[] {
  const { dnsNames, dnsName, rules } = (spec ?? {}) as {
    dnsNames?: readonly string[];
    dnsName?: string;
    rules?: readonly { host?: string }[];
  };
  if (kind === 'Order') return dnsNames ?? [];
  if (kind === 'Challenge') return dnsName === undefined ? [] : [dnsName];
  return kind === 'Ingress' ? (rules ?? []).flatMap(({ host }) => host ?? []) : [];
}

/**
 * A solver's Pod and Service name only their Challenge, which is named for its Certificate: `<certificate>-<revision>-<hash>-<hash>`.
 */
function ownedBy({ metadata }: KubeObject, plan: Pick<LoadPlan, 'run'>): number | null {
  const owners = metadata.ownerReferences ?? [];
  const challenge = owners.find(({ kind }) => kind === 'Challenge')?.name;
  return challenge === undefined ? null : indexOfName(plan, challenge.replace(/(?:-\d+){3}$/, ''));
}

function statusOf(object: KubeObject): { presented: boolean; state: string; reason: string } {
  const {
    presented = false,
    state = '',
    reason = '',
  } = (object.status ?? {}) as {
    presented?: boolean;
    state?: string;
    reason?: string;
  };
  return { presented, state, reason };
}
