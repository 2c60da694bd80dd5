import { after } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { recordedSeries, renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { noHandshakeFailed } from './no-handshake-failed.ts';
import { serialsFollowTheSecret } from './serials-follow-the-secret.ts';

const among = [noHandshakeFailed, serialsFollowTheSecret];

describeCheck(noHandshakeFailed, renewalEvidence, among, [
  {
    name: 'there is no series',
    mutate: (evidence) => void evidence.probes.splice(0),
    says: ['no series of TLS connections'],
    alsoRed: [serialsFollowTheSecret.id],
  },
  {
    name: 'two connections were reset while the certificate changed',
    mutate(evidence) {
      const { outcome } = recordedSeries(evidence);
      outcome.failed = 2;
      const failure = { since: after(45), until: after(45.02), count: 2, error: 'read ECONNRESET', code: 'ECONNRESET' };
      outcome.runs.splice(1, 0, failure);
    },
    says: ['2 of', 'read ECONNRESET (ECONNRESET) 2 times from 2026-11-24T09:00:45.000Z to 2026-11-24T09:00:45.020Z.'],
  },
  {
    name: 'an expired certificate was served once',
    mutate(evidence) {
      const { outcome } = recordedSeries(evidence);
      outcome.failed = 1;
      const failure = { since: after(45), until: after(45), count: 1, error: 'certificate has expired' };
      outcome.runs.splice(1, 0, { ...failure, code: 'CERT_HAS_EXPIRED' });
    },
    says: ['certificate has expired (CERT_HAS_EXPIRED) at 2026-11-24T09:00:45.000Z.'],
  },
  {
    name: 'the client hardly connected',
    mutate(evidence) {
      recordedSeries(evidence).outcome.connections = 80;
    },
    says: ['made only 80 connections', 'fewer than 2 a second', 'saw too little'],
  },
]);
