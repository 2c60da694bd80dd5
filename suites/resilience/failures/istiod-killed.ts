import { platformDeployments, restart } from '../../../src/suite/actions/components-of-cluster.ts';
import { failure } from '../failure.ts';

export default failure({
  id: 'istiod-killed',
  link: 'mesh',
  title: 'The Pod of istiod is killed once',
  changesClusterWide: 'kills istiod',
  lastsMs: 1_000,
  servedAllAlong: true,
  how: {
    async begin(context) {
      await restart(context, platformDeployments(context).istiod);
      return async () => {};
    },
  },
});
