import { expect, test } from 'vitest';
import { goodPathChecks } from '../all-checks.ts';
import { forget, goodEvidence, host, put, recorded, replaceRequest, secondHost } from '../testing/evidence-fixture.ts';
import { describeCheck, type Mutation, verdictOf } from '../testing/mutation-fixture.ts';
import { solverLeftNothing } from './solver-left-nothing.ts';

const perKind = (['Pod', 'Service', 'Ingress'] as const).flatMap((kind): Mutation[] => [
  {
    name: `the solver ${kind} was never seen`,
    mutate: (evidence) => forget(evidence, kind),
    says: [`No solver ${kind} of Challenge istio-system/`],
    alsoRed: kind === 'Service' ? ['challenge-routed-through-gateway'] : [],
  },
  {
    name: `the solver ${kind} stayed`,
    mutate: (evidence) => {
      recorded(evidence, kind).states.pop();
    },
    says: [
      `${kind} istio-system/cm-acme-http-solver-v7mt0`,
      `should have been removed, but was last seen ${kind === 'Ingress' ? 'modified' : 'added'}`,
    ],
  },
  {
    name: `the solver ${kind} was not seen being created`,
    mutate: (evidence) => {
      for (const state of recorded(evidence, kind).states) if (state.change === 'added') state.change = 'existed';
    },
    says: [`${kind} istio-system/cm-acme-http-solver-v7mt0`, 'was never seen being created'],
  },
  {
    name: `the solver ${kind} belongs to another Challenge`,
    mutate: (evidence) => put(recorded(evidence, kind), ['metadata', 'ownerReferences', 0, 'uid'], 'another-uid'),
    says: [`No solver ${kind} of Challenge istio-system/`],
    alsoRed: kind === 'Service' ? ['challenge-routed-through-gateway'] : [],
  },
]);

describeCheck(solverLeftNothing, goodEvidence, goodPathChecks, [
  ...perKind,
  {
    name: 'a second solver Pod of the Challenge stayed',
    mutate: (evidence) => {
      const second = structuredClone(recorded(evidence, 'Pod'));
      second.name = 'cm-acme-http-solver-again';
      second.uid = 'pod-uid-again';
      second.states.splice(1);
      evidence.objects.push(second);
    },
    says: ['Pod istio-system/cm-acme-http-solver-again', 'should have been removed'],
  },
  {
    name: 'the solver Pod of a Challenge whose CertificateRequest was replaced stayed',
    mutate: (evidence) => {
      const [, , challenge] = replaceRequest(evidence);
      const pod = structuredClone(recorded(evidence, 'Pod'));
      pod.name = 'cm-acme-http-solver-first';
      pod.uid = 'pod-uid-first';
      pod.states.splice(1);
      put(pod, ['metadata', 'ownerReferences', 0, 'uid'], challenge.uid);
      evidence.objects.push(pod);
    },
    says: ['Pod istio-system/cm-acme-http-solver-first', 'should have been removed'],
  },
  {
    name: 'the Challenge is solved by HTTPRoutes, and only an Ingress was seen',
    mutate: (evidence) => {
      evidence.subject.solver = 'gateway-httproute';
    },
    says: ['No solver HTTPRoute of Challenge istio-system/'],
  },
]);

test('judges the HTTPRoute solver alike', async () => {
  const evidence = await goodEvidence({ solver: 'gateway-httproute' });
  expect(verdictOf(solverLeftNothing, evidence).result).toBe('passed');
  recorded(evidence, 'HTTPRoute').states.pop();
  const verdict = verdictOf(solverLeftNothing, evidence);
  expect(verdict.result).toBe('failed');
  expect(verdict.message).toContain('HTTPRoute istio-system/cm-acme-http-solver-v7mt0-r');
});

test('judges the solvers of every Challenge', async () => {
  const evidence = await goodEvidence({ hosts: [host, secondHost] });
  expect(verdictOf(solverLeftNothing, evidence).result).toBe('passed');
  recorded(evidence, 'Service', 1).states.pop();
  const verdict = verdictOf(solverLeftNothing, evidence);
  expect(verdict.result).toBe('failed');
  expect(verdict.message).toContain('Service istio-system/cm-acme-http-solver-v7mt1');
});
