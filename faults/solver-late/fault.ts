import { setTimeout as delay } from 'node:timers/promises';
import { type FaultContext, fault } from '../../src/faults/fault.ts';
import { solverPod } from '../../src/faults/solver-pod.ts';

const lateByMs = 2_000;
const lateTaint = { key: 'padlock.test/solver-late', effect: 'NoSchedule' };

async function setTaints({ kube }: FaultContext, taints: readonly (typeof lateTaint)[]): Promise<void> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
  for (const { metadata } of nodes) {
    await kube.patch({ apiVersion: 'v1', kind: 'Node', name: metadata.name }, { spec: { taints } });
  }
}

export default fault({
  id: 'solver-late',
  title: `The solver Pod is not scheduled for ${lateByMs / 1000} s`,
  symptom: 'The issuance completes, but takes longer.',
  diagnosedAs: null,
  verdict: null,
  inScenario: {
    turnsRed: [],
    needs: ['http01'],
    at: {
      'before-issuer': (context) => setTaints(context, [lateTaint]),
      async 'while-issuing'(context, signal) {
        try {
          await solverPod(context, signal);
          // The fault itself.
          await delay(lateByMs, undefined, { signal });
        } finally {
          await setTaints(context, []);
        }
      },
    },
  },
});
