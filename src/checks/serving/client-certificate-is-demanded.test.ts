import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { forgetProbe, goodEvidence, recordedHttpProbe } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { clientCertificateIsDemanded } from './client-certificate-is-demanded.ts';

const name = probeNames.httpsApplication;

async function demandingEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  recordedHttpProbe(evidence, name).outcome = {
    error: 'tlsv13 alert certificate required',
    code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  };
  return evidence;
}

describeCheck(
  clientCertificateIsDemanded,
  demandingEvidence,
  [clientCertificateIsDemanded],
  [
    { name: 'nobody asked', mutate: (evidence) => forgetProbe(evidence, name), says: ['no HTTP probe'] },
    {
      name: 'the gateway lets everybody in',
      mutate(evidence) {
        recordedHttpProbe(evidence, name).outcome = { status: 200, httpVersion: '2', headers: {}, body: '' };
      },
      says: ['was answered 200'],
    },
    {
      name: 'the port is closed',
      mutate(evidence) {
        recordedHttpProbe(evidence, name).outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
      },
      says: ['because a client certificate is missing, but failed with connect ECONNREFUSED (ECONNREFUSED)'],
    },
  ],
);
