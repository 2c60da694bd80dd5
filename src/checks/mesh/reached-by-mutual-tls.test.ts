import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { forgetProbe, goodEvidence, recordedHttpProbe } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { reachedByMutualTls } from './reached-by-mutual-tls.ts';

const name = probeNames.httpsApplication;

function sees(evidence: Evidence, identity: string | null): void {
  const headers = identity === null ? {} : { 'X-Forwarded-Client-Cert': [identity] };
  const body = JSON.stringify({ headers });
  recordedHttpProbe(evidence, name).outcome = { status: 200, httpVersion: '2', headers: {}, body };
}

function identity(namespace: string): string {
  return `By=spiffe://cluster.local/ns/default/sa/default;Hash=5f;Subject="";URI=spiffe://cluster.local/ns/${namespace}/sa/gateway`;
}

async function meshEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  sees(evidence, identity(evidence.subject.gateway.namespace));
  return evidence;
}

describeCheck(
  reachedByMutualTls,
  meshEvidence,
  [reachedByMutualTls],
  [
    { name: 'nobody asked', mutate: (evidence) => forgetProbe(evidence, name), says: ['no HTTP probe'] },
    {
      name: 'the request failed',
      mutate(evidence) {
        recordedHttpProbe(evidence, name).outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
      },
      says: ['failed: connect ECONNREFUSED'],
    },
    {
      name: 'there is no sidecar',
      mutate: (evidence) => sees(evidence, null),
      says: ['no sidecar took it by mutual TLS'],
    },
    {
      name: 'the body is no echo',
      mutate(evidence) {
        recordedHttpProbe(evidence, name).outcome = {
          status: 503,
          httpVersion: '2',
          headers: {},
          body: 'no healthy upstream',
        };
      },
      says: ['got no X-Forwarded-Client-Cert'],
    },
    {
      name: 'somebody else was the client',
      mutate: (evidence) => sees(evidence, identity('elsewhere')),
      says: ['was spiffe://cluster.local/ns/elsewhere/sa/gateway, and not of the namespace'],
    },
  ],
);
