import { expect, test } from 'vitest';
import { goodPathChecks, missingIngressClassChecks } from '../all-checks.ts';
import {
  after,
  forget,
  goodEvidence,
  missingIngressClassEvidence,
  put,
  recorded,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { solverIngressGotNoAddress } from './solver-ingress-got-no-address.ts';

describeCheck(
  solverIngressGotNoAddress,
  missingIngressClassEvidence,
  [...goodPathChecks, ...missingIngressClassChecks],
  [
    {
      name: 'the Ingress had an address from the start',
      mutate: (evidence) =>
        put(recorded(evidence, 'Ingress'), ['status'], { loadBalancer: { ingress: [{ ip: '10.231.0.100' }] } }),
      says: [
        '(class istio) should have had no address before create-ingress-class',
        `had 10.231.0.100 at ${after(5.3)}`,
      ],
    },
    {
      name: 'the Ingress had a host name for an address',
      mutate: (evidence) =>
        put(recorded(evidence, 'Ingress'), ['status'], {
          loadBalancer: { ingress: [{ hostname: 'lb.example.test' }] },
        }),
      says: ['had lb.example.test'],
    },
    {
      name: 'the Ingress came only with the class',
      mutate: (evidence) => {
        const [first] = recorded(evidence, 'Ingress').states;
        if (first !== undefined) first.at = after(12.5);
      },
      says: ['No solver Ingress of Challenge', `was recorded before create-ingress-class (${after(12)})`],
    },
    {
      name: 'no Ingress was recorded',
      mutate: (evidence) => forget(evidence, 'Ingress'),
      says: ['No solver Ingress of Challenge'],
      alsoRed: ['solver-left-nothing'],
    },
    {
      name: 'no Challenge was recorded',
      mutate: (evidence) => forget(evidence, 'Challenge'),
      says: ['No Challenge of Order'],
      alsoRed: [
        'order-completed',
        'challenge-routed-through-gateway',
        'solver-left-nothing',
        'challenge-path-never-reached-solver',
        'challenge-reports-404',
      ],
    },
    {
      name: 'the subject has no solver Ingress',
      mutate: (evidence) => {
        evidence.subject.solver = 'gateway-httproute';
      },
      says: ['there is no solver Ingress to judge'],
      alsoRed: ['solver-left-nothing'],
    },
  ],
);

test('judges the whole record if the class was never created', async () => {
  const verdict = verdictOf(solverIngressGotNoAddress, await goodEvidence());
  expect(verdict.result).toBe('failed');
  expect(verdict.message).toContain(`should have had no address, but had 10.231.0.100 at ${after(13)}`);
});
