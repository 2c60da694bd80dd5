import { collectBundle } from '../../bundle/index.ts';
import type { RunningEnvironment } from '../../environment/environment.ts';
import { KubeClient } from '../../kube/client.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';

interface DiagnosticsRequest {
  readonly run: string;
  readonly environment: RunningEnvironment;
  /** How the names begin of namespaces that the environment made for the run. */
  readonly ownNamespaces: readonly string[];
  /** The scenario that failed, or `environment`. */
  readonly what: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Collects diagnostics while what failed is still up; in a cluster of others, only of the run's namespaces and the gateway's. */
export async function collectDiagnostics(request: DiagnosticsRequest): Promise<void> {
  const { run, environment, ownNamespaces, what, folder, signal } = request;
  await makeFolder(folder);
  await using kube = await KubeClient.open({
    path: environment.kubeconfig,
    context: environment.context,
    istio: environment.istio,
  });
  const ofRun = [what, ...ownNamespaces].map((beginning) => `${beginning}${run.replace(/^run/, '')}`);
  const { belongsToOthers, gateway } = environment;
  await collectBundle({
    ...{ kube, folder, logs: await environment.logs(), signal },
    ...(belongsToOthers ? { namespaces: [...ofRun, gateway.namespace] } : {}),
    onProblem: () => {},
  });
}
