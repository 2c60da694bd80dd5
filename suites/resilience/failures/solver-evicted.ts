import { solverPod } from '../../../src/faults/solver-pod.ts';
import { failure } from '../failure.ts';

export default failure({
  id: 'solver-evicted',
  link: 'cluster',
  title: 'The Pod of the solver is evicted once',
  changesClusterWide: null,
  lastsMs: 1_000,
  servedAllAlong: true,
  how: {
    async begin(context) {
      const { kube, subject, parts } = context;
      const { namespace } = subject.certificate;
      const pod = await solverPod({ kube, subject }, parts.signal);
      await kube.remove(
        { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name },
        { gracePeriodSeconds: 0 },
      );
      return async () => {};
    },
  },
});
