import { platformDeployments, restart } from '../../../src/suite/actions/components-of-cluster.ts';
import { failure } from '../failure.ts';

export default failure({
  id: 'cert-manager-killed',
  link: 'cluster',
  title: "The Pod of cert-manager's controller is killed once",
  changesClusterWide: "kills cert-manager's controller",
  lastsMs: 1_000,
  servedAllAlong: true,
  how: {
    async begin(context) {
      await restart(context, platformDeployments(context).certManager);
      return async () => {};
    },
  },
});
