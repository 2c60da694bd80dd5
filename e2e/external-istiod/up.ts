/** Starts the rig for use by hand, prints its kubeconfigs, and removes it at Ctrl-C: `node e2e/external-istiod/up.ts NAME`. */
import { once } from 'node:events';
import { TwoCells } from './two-cells.ts';

const started = performance.now();
await using cells = await TwoCells.start(process.argv[2] ?? 'external');
console.log(`up in ${Math.round(performance.now() - started)} ms`);
console.log(`export CONTROL=${cells.controlPlane.kubeconfig} DATA=${cells.dataPlane.kubeconfig}`);
console.log(`export CONTROL_ADMIN=${cells.controlPlane.cell.kubeconfig} DATA_ADMIN=${cells.dataPlane.cell.kubeconfig}`);
console.log(
  `padlock run http01-ingress http01-gateway-api ${cells.dataPlane.runOptions().join(' ')} --istio-kubeconfig $CONTROL`,
);
await once(process, 'SIGINT');
