import { setTimeout as delay } from 'node:timers/promises';
import { actionNames } from '../evidence/action-names.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { Stage } from './stage.ts';

/** A real fault, made on purpose on the real cluster: the checks that it must turn red are part of it. */
export interface Sabotage {
  readonly id: string;
  readonly title: string;
  /** The checks of the good path that must fail; every other must pass. Empty for one that only makes the issuance slower. */
  readonly turnsRed: readonly string[];
  /** The rule of the diagnosis that must name it; null where there is nothing to name. */
  readonly diagnosedAs: string | null;
  /** What the HTTPS Gateway names instead of the issued Secret. */
  readonly credentialName?: string;
  /** True where clients are given a foreign root as the CA's. */
  readonly trustsForeignRoot?: boolean;
  /** Done once the application serves, before the Issuer is applied. */
  beforeIssuer?(stage: Stage): Promise<void>;
  /** Goes on while the issuance runs, until the signal aborts. */
  whileIssuing?(stage: Stage, signal: AbortSignal): Promise<void>;
}

/** Nothing that depends on a certificate can be green without one. */
const withoutCertificate = [
  'order-completed',
  'challenge-routed-through-gateway',
  'secret-holds-issued-certificate',
  'solver-left-nothing',
  'gateway-serves-the-secret',
  'chain-ends-at-the-cas-root',
  'backend-answers',
  'browser-shows-padlock',
] as const;

/** An address of the documentation range (RFC 5737), which nothing here answers for. */
const strangersAddress = '192.0.2.77';

const solverLabel = 'acme.cert-manager.io/http01-solver=true';
const lateByMs = 2_000;
const lateTaint = { key: 'padlock.test/solver-late', effect: 'NoSchedule' };

function solverPod(stage: Stage, signal: AbortSignal): Promise<KubeObject> {
  const { namespace } = stage.subject.certificate;
  return stage.kube.waitFor<KubeObject>(
    { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: solverLabel },
    (pods) => pods[0],
    { what: `a solver Pod in ${namespace}`, withinMs: 30_000, signal },
  );
}

async function setTaints(stage: Stage, taints: readonly (typeof lateTaint)[]): Promise<void> {
  const nodes = await stage.kube.list({ apiVersion: 'v1', kind: 'Node' });
  for (const { metadata } of nodes) {
    await stage.kube.patch({ apiVersion: 'v1', kind: 'Node', name: metadata.name }, { spec: { taints } });
  }
}

export const sabotages: readonly Sabotage[] = [
  {
    id: 'wrong-address',
    title: "The host's name points at another host: the CA, and before it the self-check, asks there",
    turnsRed: withoutCertificate,
    diagnosedAs: 'host-points-elsewhere',
    beforeIssuer: (stage) => stage.pointHostAt(strangersAddress),
  },
  {
    id: 'solver-killed',
    title: 'The solver Pod is killed and kept from starting again',
    turnsRed: withoutCertificate,
    diagnosedAs: 'solver-not-created',
    async whileIssuing(stage, signal) {
      const { namespace } = stage.subject.certificate;
      const solver = await solverPod(stage, signal);
      await stage.applyObjects([
        {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'padlock-no-more-pods', namespace },
          spec: { hard: { pods: '0' } },
        },
      ]);
      await stage.kube.remove(
        { apiVersion: 'v1', kind: 'Pod', namespace, name: solver.metadata.name },
        { gracePeriodSeconds: 0 },
      );
      stage.note(actionNames.killSolver, `Pod/${namespace}/${solver.metadata.name}`);
    },
  },
  {
    id: 'solver-late',
    title: `The solver Pod is not scheduled for ${lateByMs / 1000} s`,
    turnsRed: [],
    diagnosedAs: null,
    beforeIssuer: (stage) => setTaints(stage, [lateTaint]),
    async whileIssuing(stage, signal) {
      try {
        await solverPod(stage, signal);
        // The fault itself.
        await delay(lateByMs, undefined, { signal });
      } finally {
        await setTaints(stage, []);
      }
    },
  },
  {
    id: 'foreign-root',
    title: "Clients trust another CA's root instead of this CA's",
    turnsRed: ['chain-ends-at-the-cas-root', 'backend-answers', 'browser-shows-padlock'],
    diagnosedAs: 'ends-at-another-root',
    trustsForeignRoot: true,
  },
  {
    id: 'missing-secret',
    title: 'The HTTPS Gateway names a Secret that does not exist',
    turnsRed: ['gateway-serves-the-secret', 'chain-ends-at-the-cas-root', 'backend-answers', 'browser-shows-padlock'],
    diagnosedAs: 'credential-missing',
    credentialName: 'no-such-secret',
  },
];
