import { expect, test } from 'vitest';
import { issueLeaf } from '../testing/certificate-fixture.ts';
import { after, fixtureCa, host, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { renewalInformationEvidence } from '../testing/renewal-evidence-fixture.ts';
import { orderReplacesTheCertificate } from './order-replaces-the-certificate.ts';
import { renewedByRenewalInformation } from './renewed-by-renewal-information.ts';

test('judges the last renewal, where the first leaf had to be issued again before it', async () => {
  const evidence = await renewalInformationEvidence();
  const { intermediate } = await fixtureCa();
  const secret = recorded(evidence, 'Secret');
  const [first] = secret.states;
  if (first === undefined) throw new Error('the fixture has no Secret');
  const before = { ...structuredClone(first), at: after(24) };
  put({ ...secret, states: [before] }, ['padlock', 'certificates', 0], await issueLeaf(intermediate, [host]));
  secret.states.unshift(before);
  for (const check of among) expect(verdictOf(check, evidence)).toMatchObject({ result: 'passed' });
});

const among = [renewedByRenewalInformation, orderReplacesTheCertificate];

describeCheck(renewedByRenewalInformation, renewalInformationEvidence, among, [
  {
    name: 'the window was never moved',
    mutate: (evidence) => void evidence.actions.pop(),
    says: ['no action by which the CA moved the renewal window'],
  },
  {
    name: 'cert-manager asked no more',
    mutate(evidence) {
      put(recorded(evidence, 'Certificate'), ['status', 'acme', 'ari', 'suggestedWindow', 'start'], after(99_000));
      put(recorded(evidence, 'Certificate'), ['status', 'acme', 'ari', 'lastError'], '404 not found');
    },
    says: ['should show the renewal window', 'but shows one from', '(404 not found)'],
  },
  {
    name: 'it was not renewed',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['status', 'conditions', 1, 'status'], 'False'),
    says: ['but was not renewed'],
  },
  {
    name: 'somebody asked for it',
    mutate: (evidence) =>
      put(recorded(evidence, 'Certificate'), ['status', 'conditions', 1, 'reason'], 'ManuallyTriggered'),
    says: ['for another reason', 'ManuallyTriggered'],
  },
  {
    name: 'no new leaf came',
    mutate: (evidence) => void recorded(evidence, 'Secret').states.splice(1),
    says: ['got no second leaf'],
  },
]);

describeCheck(orderReplacesTheCertificate, renewalInformationEvidence, among, [
  {
    name: 'no Order has the field',
    mutate: (evidence) => put(recorded(evidence, 'Order', 1), ['spec', 'replaces'], undefined),
    says: ['none of 2 Order(s) has `replaces`'],
  },
  {
    name: 'another certificate is named',
    mutate: (evidence) => put(recorded(evidence, 'Order', 1), ['spec', 'replaces'], 'AAAA.BBBB'),
    says: ['replaces AAAA.BBBB'],
  },
  {
    name: 'the CA refused it',
    mutate: (evidence) => put(recorded(evidence, 'Order', 1), ['status', 'state'], 'errored'),
    says: ['but is errored'],
  },
  {
    name: 'the CA never saw the field',
    mutate: (evidence) => void evidence.ca.log.pop(),
    says: ['the field was not sent'],
  },
]);
