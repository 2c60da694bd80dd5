import { renewedEvidence } from '../testing/ca-evidence-fixture.ts';
import { host, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { certificateRenewed } from './certificate-renewed.ts';

describeCheck(
  certificateRenewed,
  renewedEvidence,
  [certificateRenewed],
  [
    {
      name: 'the second Order is invalid',
      mutate: (evidence) => put(recorded(evidence, 'Order', 1), ['status', 'state'], 'invalid'),
      says: ['1 Order(s)', 'a renewal needs two'],
    },
    {
      name: 'the revision stayed',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['status', 'revision'], 1),
      says: ['has revision 1, not 2'],
    },
    {
      name: 'the leaf is the same',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.pop(),
      says: ['before and after'],
    },
    {
      name: 'the new leaf is for other names',
      mutate(evidence) {
        const secret = recorded(evidence, 'Secret');
        put(
          { ...secret, states: secret.states.slice(1) },
          ['padlock', 'certificates', 0, 'dnsNames'],
          ['other.example.test'],
        );
      },
      says: [`changed from ${host} to other.example.test`],
    },
  ],
);
