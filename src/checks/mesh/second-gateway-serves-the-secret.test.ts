import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import {
  answered,
  fixtureCa,
  forget,
  forgetProbe,
  goodEvidence,
  recordedTlsProbe,
} from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { secondGatewayServesTheSecret } from './second-gateway-serves-the-secret.ts';

const { tlsTrusted, tlsSecondGateway: name } = probeNames;

async function twoGateways(): Promise<Evidence> {
  const evidence = await goodEvidence();
  evidence.probes.push({ ...structuredClone(recordedTlsProbe(evidence, tlsTrusted)), name, address: '10.231.0.101' });
  return evidence;
}

describeCheck(
  secondGatewayServesTheSecret,
  twoGateways,
  [secondGatewayServesTheSecret],
  [
    { name: 'nobody asked', mutate: (evidence) => forgetProbe(evidence, name), says: ['no TLS probe'] },
    {
      name: 'the first one was asked twice',
      mutate(evidence) {
        recordedTlsProbe(evidence, name).address = recordedTlsProbe(evidence, tlsTrusted).address;
      },
      says: ['the second gateway was not asked'],
    },
    {
      name: 'its listener still waits for the Secret',
      mutate(evidence) {
        recordedTlsProbe(evidence, name).outcome = { error: 'read ECONNRESET', code: 'ECONNRESET' };
      },
      says: ['served nothing: read ECONNRESET'],
    },
    {
      name: 'it serves another certificate',
      async mutate(evidence) {
        const { intermediate } = await fixtureCa();
        answered(recordedTlsProbe(evidence, name)).chain = [intermediate.facts];
      },
      says: ['and the Secret holds'],
    },
    {
      name: 'its client does not trust it',
      mutate(evidence) {
        const outcome = answered(recordedTlsProbe(evidence, name));
        outcome.authorized = false;
        outcome.authorizationError = 'CERT_HAS_EXPIRED';
      },
      says: ['did not trust it: CERT_HAS_EXPIRED'],
    },
    {
      name: 'no Secret was recorded',
      mutate: (evidence) => forget(evidence, 'Secret'),
      says: ['No leaf was recorded'],
    },
  ],
);
