import { expect, test } from 'vitest';
import { goodPathChecks } from '../all-checks.ts';
import { after, forget, goodEvidence, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { accountRegistered } from './account-registered.ts';

const ready = ['status', 'conditions', 0] as const;

describeCheck(accountRegistered, goodEvidence, goodPathChecks, [
  {
    name: 'no Issuer was recorded',
    mutate: (evidence) => forget(evidence, 'Issuer'),
    says: ['No Issuer istio-system/letsencrypt-prod-issuer was recorded'],
  },
  {
    name: 'the Issuer is in another namespace',
    mutate: (evidence) => {
      recorded(evidence, 'Issuer').namespace = 'default';
    },
    says: ['No Issuer istio-system/letsencrypt-prod-issuer was recorded'],
  },
  {
    name: 'an Issuer of another API group',
    mutate: (evidence) => {
      recorded(evidence, 'Issuer').apiVersion = 'issuers.example.test/v1';
    },
    says: ['No Issuer istio-system/letsencrypt-prod-issuer was recorded'],
  },
  {
    name: 'the Issuer never got a status',
    mutate: (evidence) => {
      recorded(evidence, 'Issuer').states.splice(1);
    },
    says: ['no condition Ready'],
  },
  {
    name: 'Ready is False',
    mutate: (evidence) => {
      put(recorded(evidence, 'Issuer'), [...ready, 'status'], 'False');
      put(recorded(evidence, 'Issuer'), [...ready, 'reason'], 'ErrRegisterACMEAccount');
      put(recorded(evidence, 'Issuer'), [...ready, 'message'], 'connection refused');
    },
    says: ['Issuer istio-system/letsencrypt-prod-issuer', 'Ready False (ErrRegisterACMEAccount: connection refused)'],
  },
  {
    name: 'Ready is True for another reason',
    mutate: (evidence) => put(recorded(evidence, 'Issuer'), [...ready, 'reason'], 'KeyPairVerified'),
    says: ['with reason ACMEAccountRegistered', 'Ready True (KeyPairVerified'],
  },
  {
    name: 'Ready speaks of an earlier generation',
    mutate: (evidence) => put(recorded(evidence, 'Issuer'), ['metadata', 'generation'], 2),
    says: ["of an earlier generation of the object's spec"],
  },
  {
    name: 'it was Ready once but no longer',
    mutate: (evidence) => {
      const { states } = recorded(evidence, 'Issuer');
      const last = structuredClone(states.at(-1));
      if (last === undefined) return;
      last.at = after(26);
      states.push(last);
      put({ ...recorded(evidence, 'Issuer'), states: [last] }, [...ready, 'status'], 'False');
    },
    says: ['Ready False'],
  },
  {
    name: 'the status names no account',
    mutate: (evidence) => put(recorded(evidence, 'Issuer'), ['status', 'acme', 'uri'], undefined),
    says: ['status.acme.uri names no account'],
  },
  {
    name: 'the account is empty',
    mutate: (evidence) => put(recorded(evidence, 'Issuer'), ['status', 'acme', 'uri'], ''),
    says: ['status.acme.uri names no account'],
  },
  {
    name: 'the Issuer was deleted',
    mutate: (evidence) => {
      recorded(evidence, 'Issuer').states.push({ at: after(26), change: 'deleted', object: {} });
    },
    says: [`was deleted at ${after(26)}`],
  },
]);

test('judges the last Issuer of the name', async () => {
  const evidence = await goodEvidence();
  const earlier = structuredClone(recorded(evidence, 'Issuer'));
  earlier.uid = 'earlier-uid';
  earlier.states.push({ at: after(2), change: 'deleted', object: {} });
  evidence.objects.unshift(earlier);
  expect(verdictOf(accountRegistered, evidence).result).toBe('passed');
});
