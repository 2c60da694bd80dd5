import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { after, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { renewalInformationEvidence } from '../testing/renewal-evidence-fixture.ts';
import { asksAgainWhenTheCaSays } from './asks-again-when-the-ca-says.ts';
import { orderReplacesTheCertificate } from './order-replaces-the-certificate.ts';
import { renewedByRenewalInformation } from './renewed-by-renewal-information.ts';

const among = [renewedByRenewalInformation, orderReplacesTheCertificate, asksAgainWhenTheCaSays];
const ari = ['status', 'acme', 'ari'] as const;
const day = 86_400;

/** The CA was asked about the first leaf, and about the second once it was there. */
async function askedEvidence(): Promise<Evidence> {
  const evidence = await renewalInformationEvidence();
  evidence.actions.push({ at: after(1), name: actionNames.renewalInfoAnswers, detail: `Retry-After: ${day}` });
  const certificate = recorded(evidence, 'Certificate');
  const [last] = certificate.states.slice(-1);
  const second = secretLeaves(evidence).at(-1);
  if (last === undefined || second === undefined) throw new Error('the fixture has no renewal');
  put({ ...certificate, states: [last] }, [...ari, 'lastChecked'], after(28.2));
  put({ ...certificate, states: [last] }, [...ari, 'nextCheck'], after(28.2 + day * 1.05));
  // What a scenario moves afterwards is not what cert-manager set.
  const moved = structuredClone(last);
  put({ ...certificate, states: [moved] }, [...ari, 'nextCheck'], after(28.3));
  const again = structuredClone(last);
  again.at = after(32);
  const asked = Math.max(Date.parse(second.leaf.notBefore), Date.parse(after(31)));
  put({ ...certificate, states: [again] }, [...ari, 'lastChecked'], new Date(asked).toISOString());
  put({ ...certificate, states: [again] }, [...ari, 'nextCheck'], new Date(asked + day * 950).toISOString());
  certificate.states.push(moved, again);
  return evidence;
}

describeCheck(asksAgainWhenTheCaSays, askedEvidence, among, [
  {
    name: 'the CA set no Retry-After',
    mutate: (evidence) => void evidence.actions.pop(),
    says: ['no action by which the CA set a Retry-After'],
  },
  {
    name: 'cert-manager never asked',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), [...ari, 'lastChecked'], undefined),
    says: ['does not show that the CA was asked'],
  },
  {
    name: 'Retry-After is ignored',
    mutate(evidence) {
      const certificate = recorded(evidence, 'Certificate');
      put({ ...certificate, states: certificate.states.slice(-1) }, [...ari, 'nextCheck'], after(32 + 21_600));
    },
    says: [`ask again after ${day} s, but`],
  },
  {
    name: 'the new leaf has to wait, too',
    mutate(evidence) {
      recorded(evidence, 'Certificate').states.pop();
      const secret = recorded(evidence, 'Secret');
      put({ ...secret, states: secret.states.slice(-1) }, ['padlock', 'certificates', 0, 'notBefore'], after(30));
    },
    says: ['is valid from', 'so about an earlier one'],
  },
]);
