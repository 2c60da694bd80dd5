import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { renewalInformationWasRefused } from './renewal-information-was-refused.ts';
import { renewedByTime } from './renewed-by-time.ts';

const ari = ['status', 'acme', 'ari'] as const;
const asked = 'Front 2026/11/24 09:00:25 GET /draft-ietf-acme-ari-03/renewalInfo/AAAA.BBBB -> 404';

async function refusedEvidence(): Promise<Evidence> {
  const evidence = await renewalEvidence();
  evidence.actions.push({ at: after(1), name: actionNames.renewalInfoAnswers, detail: '404' });
  evidence.ca.log.push({ at: after(25), line: asked });
  put(recorded(evidence, 'Certificate'), ['status', 'acme'], {
    ari: {
      lastError: '404 urn:ietf:params:acme:error:malformed: made by Padlock',
      lastChecked: after(25),
      nextCheck: after(25 + 21_000),
    },
  });
  return evidence;
}

describeCheck(
  renewalInformationWasRefused,
  refusedEvidence,
  [renewalInformationWasRefused, renewedByTime],
  [
    {
      name: 'the CA never refused',
      mutate: (evidence) => void evidence.actions.pop(),
      says: ['no action by which the CA began to refuse'],
    },
    {
      name: 'the CA was not asked',
      mutate: (evidence) => void evidence.ca.log.pop(),
      says: ['was not asked when to renew', '404'],
    },
    {
      name: 'the CA refused otherwise',
      mutate: (evidence) => void evidence.ca.log.splice(-1, 1, { at: after(25), line: asked.replace('404', '500') }),
      says: ['no such request with status 404'],
    },
    {
      name: 'the Certificate shows nothing of it',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), [...ari, 'lastError'], ''),
      says: ['does not show that the CA refused'],
    },
    {
      name: 'the Certificate shows another error',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), [...ari, 'lastError'], 'no client for the account'),
      says: ['refused with 404, but', 'no client for the account'],
    },
    {
      name: 'the CA is asked again after seconds',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), [...ari, 'nextCheck'], after(30)),
      says: ['asked again after 5 s'],
    },
    {
      name: 'the CA is asked no more',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), [...ari, 'nextCheck'], undefined),
      says: ['asked again at no time'],
    },
    {
      name: 'the CA was asked in a loop',
      mutate: (evidence) =>
        void evidence.ca.log.push(...Array.from({ length: 40 }, () => ({ at: after(26), line: asked }))),
      says: ['asked 41 times for 3 leaf(s)'],
    },
  ],
);
