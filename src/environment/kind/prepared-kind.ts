import type { Components } from '../../components/index.ts';
import { KubeClient } from '../../kube/client.ts';
import type { RunningEnvironment } from '../environment.ts';
import type { EnvironmentParts, PreparedEnvironment, PrepareRequest, StartSteps } from '../provider.ts';
import { withPlatform } from '../with-platform.ts';
import type { RunningKind } from './kind.ts';
import type { KindOptions } from './kind-options.ts';
import { kindParts } from './kind-parts.ts';

/** A kind environment that can start, or one that is up. */
export class PreparedKind implements PreparedEnvironment {
  readonly isUp: boolean;
  readonly staysUp: boolean;
  readonly needsComponents = true;
  readonly applicationImage = null;
  readonly ownNamespaces = [];
  readonly facts = {};
  readonly #request: PrepareRequest<KindOptions>;
  readonly #running: RunningKind | null;

  constructor(request: PrepareRequest<KindOptions>, running: RunningKind | null) {
    this.#request = request;
    this.#running = running;
    this.isUp = running !== null;
    this.staysUp = this.isUp;
  }

  async start(steps: StartSteps): Promise<RunningEnvironment> {
    if (this.#running !== null) return this.#running;
    const { name, options, outlives } = this.#request;
    const { startKind } = await import('./kind.ts');
    const environment = await startKind({
      name,
      nodeImage: options.nodeImage ?? null,
      kubernetesVersion: options.kubernetes ?? null,
      imageArchives: options.imageArchive ?? null,
      registryMirror: options.registryMirror ?? null,
      configuration: options.kindConfig ?? null,
      ...(options.provider === undefined ? {} : { provider: options.provider }),
      outlives,
      signal: steps.signal,
      onPhase: (phase) => steps.onPhase('platform', `kind: ${phase}`),
    });
    return await withPlatform(environment, steps, { clusterDnsAddress: null });
  }

  async close(): Promise<void> {}

  /** From the Pods: a node runs the images it pulled or loaded, which may differ from what Padlock builds. */
  async parts(
    components: Components | null,
    running: RunningEnvironment | null,
    signal: AbortSignal,
  ): Promise<EnvironmentParts> {
    if (running === null || components === null) return { components: [], notUpstream: [] };
    await using kube = await KubeClient.open({ path: running.kubeconfig });
    return await kindParts({ kube, components, imageArchive: this.#request.options.imageArchive, signal });
  }

  howToReach({ name, kubeconfig }: RunningEnvironment): string {
    return [
      `The kind environment '${name}' is up.`,
      `  export KUBECONFIG=${kubeconfig}`,
      `  padlock run http01-ingress --environment kind --on ${name}   runs a scenario on it`,
      `  padlock down ${name}   removes it`,
      '',
    ].join('\n');
  }
}
