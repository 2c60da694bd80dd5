import { collectBundle } from '../../bundle/index.ts';
import type { FailedEnvironment } from '../../environment/provider.ts';
import { KubeClient } from '../../kube/client.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';

interface DiagnosticsRequest {
  readonly failed: FailedEnvironment;
  /** What failed, as a sentence, if that is known. */
  readonly reason?: string;
  /** How the names begin of the namespaces that were made for what failed; for a cluster that others use, too. */
  readonly namespaces: readonly string[];
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The most time for a cluster that lost a part: it may answer nothing any more, and each question would have to time out. */
const lostClusterWithinMs = 15_000;

/**
 * Collects diagnostics of what failed, before anything of it is removed; in a cluster of others, only of the run's namespaces and the
 * gateway's.
 */
export async function collectDiagnostics(request: DiagnosticsRequest): Promise<void> {
  const { failed, reason, namespaces, folder, signal } = request;
  const { running, logs } = failed;
  await makeFolder(folder);
  const about = { folder, logs, signal, onProblem: () => {}, ...(reason === undefined ? {} : { reason }) };
  if (running === null) {
    await collectBundle({ ...about, kube: null });
    return;
  }
  const { kubeconfig, context, istio, belongsToOthers, gateway, lost } = running;
  await using kube = await KubeClient.open({ path: kubeconfig, context, istio });
  await collectBundle({
    ...{ ...about, kube },
    ...(lost?.aborted ? { clusterWithinMs: lostClusterWithinMs } : {}),
    ...(belongsToOthers ? { namespaces: [...namespaces, gateway.namespace] } : {}),
  });
}
