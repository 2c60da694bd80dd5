import { messageOf } from '../../error-message.ts';
import { KubeClient } from '../../kube/client.ts';
import { UserError } from '../../user-error.ts';
import { istioOfRecord, type RunRecord, recordFile } from './run-record.ts';
import { sweep } from './sweep.ts';

/**
 * Removes what a killed run left in its cluster.
 *
 * @throws UserError (3) naming what is left, and why
 */
export async function removeRecordedRun(record: RunRecord): Promise<void> {
  const { run, kubeconfig, context, server } = record;
  try {
    await using kube = await KubeClient.open({
      path: kubeconfig,
      context: context ?? undefined,
      istio: istioOfRecord(record),
    });
    if (kube.server !== server) {
      throw new Error(
        `the kubeconfig ${kubeconfig} leads to ${kube.server} now; give it the cluster of the run again.`,
      );
    }
    if (kube.istio !== null && kube.istio.server !== record.istio?.server) {
      throw new Error(
        `the kubeconfig ${record.istio?.kubeconfig} leads to ${kube.istio.server} now; give it Istio's control plane of the run again.`,
      );
    }
    await sweep(kube, record);
  } catch (error) {
    const reason = messageOf(error);
    throw new UserError(
      `Not everything that ${run} left in the cluster at ${server} could be removed: ${reason} (If that cluster no longer exists, delete ${recordFile(run)}.)`,
      {
        exitCode: 3,
        cause: error,
      },
    );
  }
}
