import { actionNames } from '../../src/evidence/action-names.ts';
import { fault } from '../../src/faults/fault.ts';
import { solverPod } from '../../src/faults/solver-pod.ts';
import { besideAChallenge, withoutCertificate } from '../../src/faults/without-certificate.ts';

export default fault({
  id: 'solver-killed',
  title: 'The solver Pod is killed and a quota keeps it from coming back',
  symptom: 'The Challenge stays pending, and its path answers 503.',
  diagnosedAs: 'solver-not-created',
  verdict: /solver of Challenge /,
  cure: {
    says: 'Raise or remove the quota, so that the solver Pod can be created again.',
    steps: [],
  },
  inScenario: {
    turnsRed: withoutCertificate,
    redWithWildcard: besideAChallenge,
    needs: ['http01'],
    slowsOthers: true,
    at: {
      async 'while-issuing'(context, signal) {
        const { namespace } = context.subject.certificate;
        const solver = await solverPod(context, signal);
        await context.applyObjects([
          {
            apiVersion: 'v1',
            kind: 'ResourceQuota',
            metadata: { name: 'padlock-no-more-pods', namespace },
            spec: { hard: { pods: '0' } },
          },
        ]);
        await context.kube.remove(
          { apiVersion: 'v1', kind: 'Pod', namespace, name: solver.metadata.name },
          { gracePeriodSeconds: 0 },
        );
        context.note(actionNames.killSolver, `Pod/${namespace}/${solver.metadata.name}`);
      },
    },
  },
});
