import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { startEnvironment } from '../src/bring-up/start-environment.ts';
import { conformanceNameServerVersion, istioVersion } from '../src/components/catalogue.ts';
import type { Components } from '../src/components/index.ts';
import type { RunningEnvironment } from '../src/environment/environment.ts';
import { discover } from '../src/environment/existing/discover.ts';
import type { KindOptions } from '../src/environment/kind/kind-options.ts';
import { KubeClient } from '../src/kube/client.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import { gone } from '../src/kube/until.ts';
import type { RunNarrator } from '../src/progress/run-narrator.ts';
import { UserError } from '../src/user-error.ts';

/** A cluster with Istio and the Gateway API for the suite to run against. */
export interface ConformanceTarget {
  readonly kind: string;
  readonly kubeconfig: string;
  readonly istioVersion: string;
  /** Differences from upstream's releases, one sentence each; null for an existing cluster. */
  readonly notUpstream: readonly string[] | null;
  spawnOutside(command: readonly string[]): ChildProcess;
  logs(): Promise<ReadonlyMap<string, string>>;
  down(): Promise<unknown>;
}

export type TargetOptions = KindOptions & { readonly kubeconfig?: string };

export interface TargetRequest {
  readonly options: TargetOptions;
  readonly components: Components;
  readonly narrator: RunNarrator;
  readonly signal: AbortSignal;
}

export type StartTarget = (request: TargetRequest) => Promise<ConformanceTarget>;

interface TargetKind {
  /** Whether it is made for the suite; otherwise it exists and needs none of Padlock's own components. */
  readonly made: boolean;
  readonly start: StartTarget;
}

/** Prepares each kind of environment, with the suite's images if they are not pulled. */
export const conformanceTargets: Readonly<Record<string, TargetKind>> = {
  cell: { made: true, start: (request) => ownEnvironment('cell', request) },
  kind: {
    made: true,
    start: async (request) => {
      const { options, components } = request;
      const archives =
        options.imageArchive === undefined ? null : await withSuiteImages(options.imageArchive, components);
      try {
        return await ownEnvironment('kind', {
          ...request,
          options: archives === null ? options : { ...options, imageArchive: archives },
        });
      } finally {
        if (archives !== null) await rm(archives, { recursive: true });
      }
    },
  },
  existing: {
    made: false,
    start: async ({ options: { kubeconfig }, signal }) => {
      if (kubeconfig === undefined) throw new UserError('--environment existing needs --kubeconfig.');
      return await foreignCluster(resolve(kubeconfig), signal);
    },
  },
};

/** An environment that is made for the suite. */
async function ownEnvironment(
  kind: string,
  { options, components, narrator, signal }: TargetRequest,
): Promise<ConformanceTarget> {
  const name = `conformance-${randomBytes(3).toString('hex')}`;
  const { environment } = await startEnvironment({
    ...{ kind, name, options, outlives: false, components, narrator, signal },
  });
  return targetOf(environment, components);
}

function targetOf(environment: RunningEnvironment, { notUpstream }: Components): ConformanceTarget {
  return {
    kind: environment.kind,
    kubeconfig: environment.kubeconfig,
    istioVersion,
    notUpstream,
    spawnOutside: (command) => environment.spawnOutside(command),
    logs: () => environment.logs(),
    down: () => environment.down(),
  };
}

/** A folder with the archives of another folder and those of the suite's images. */
async function withSuiteImages(folder: string, { images }: Components): Promise<string> {
  const both = await mkdtemp(join(tmpdir(), 'padlock-conformance-images-'));
  const suite = images.filter(
    ({ name }) =>
      name.startsWith('registry.k8s.io/gateway-api/echo-basic:') ||
      name === `registry.k8s.io/coredns/coredns:${conformanceNameServerVersion}`,
  );
  const files = new Set([
    ...(await readdir(folder)).map((file) => resolve(folder, file)),
    ...suite.map(({ archive }) => archive),
  ]);
  const names = new Set<string>();
  for (const file of files) {
    if (!names.has(basename(file))) await symlink(file, join(both, basename(file)));
    names.add(basename(file));
  }
  return both;
}

const namespaces = { apiVersion: 'v1', kind: 'Namespace' } as const;
const gatewayClasses = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass' } as const;
/** The suite's namespaces, from its manifests. */
const ofSuite = ({ metadata: { name } }: KubeObject) => /^gateway-(conformance|api)-/.test(name);
const removedWithinMs = 120_000;

/**
 * An existing cluster. The suite removes what it creates; what an interrupted suite leaves behind is removed here.
 *
 * @throws UserError (3) if a suite is running in it or left something behind, or if it lacks what the suite needs
 */
async function foreignCluster(kubeconfig: string, signal: AbortSignal): Promise<ConformanceTarget> {
  await using kube = await KubeClient.open({ path: kubeconfig });
  const { components, gatewayApi } = await discover(kube, {}, signal);
  if (!gatewayApi) {
    throw new UserError(`The cluster at ${kube.server} does not have the Gateway API. Install its standard channel.`, {
      exitCode: 3,
    });
  }
  const taken = (await kube.list(namespaces, signal)).find(ofSuite);
  if (taken !== undefined) {
    throw new UserError(
      `The cluster at ${kube.server} has the namespace ${taken.metadata.name}: a conformance suite is running there or left it behind. Remove the namespace first.`,
      { exitCode: 3 },
    );
  }
  const classes = new Set((await kube.list(gatewayClasses, signal)).map(({ metadata }) => metadata.name));
  return {
    kind: 'existing',
    kubeconfig,
    istioVersion: components.find(({ name }) => name === 'istiod')?.version ?? 'unknown',
    notUpstream: null,
    spawnOutside: ([program = '', ...args]) => spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }),
    logs: async () => new Map(),
    down: () => removeLeavings(kubeconfig, classes),
  };
}

async function removeLeavings(kubeconfig: string, classesBefore: ReadonlySet<string>): Promise<void> {
  await using kube = await KubeClient.open({ path: kubeconfig });
  const classes = (await kube.list(gatewayClasses)).filter(({ metadata: { name } }) => !classesBefore.has(name));
  const left = (await kube.list(namespaces)).filter(ofSuite);
  await Promise.all([
    ...classes.map(({ metadata: { name } }) => kube.remove({ ...gatewayClasses, name })),
    ...left.map(async ({ metadata: { name } }) => {
      await kube.remove({ ...namespaces, name });
      const what = `Namespace ${name} to be gone`;
      await kube.waitFor(namespaces, gone('Namespace', name), { what, withinMs: removedWithinMs });
    }),
  ]);
}
