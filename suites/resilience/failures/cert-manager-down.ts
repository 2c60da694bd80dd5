import { failure } from '../failure.ts';
import { scaleDown } from '../scaled-down.ts';

export default failure({
  id: 'cert-manager-down',
  link: 'cluster',
  title: "cert-manager's controller does not run",
  changesClusterWide: "scales cert-manager's controller to 0 for a while",
  lastsMs: 30_000,
  servedAllAlong: true,
  how: { begin: (context) => scaleDown(context, { namespace: 'cert-manager', name: 'cert-manager' }) },
});
