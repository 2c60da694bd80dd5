import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { http01Checks, issuanceChecks, servingChecks } from '../all-checks.ts';
import { changeAnswer, changeProbe } from '../testing/application-mutations-fixture.ts';
import { applicationCluster, applicationPaths, forgetProbe, goodEvidence, host } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { plainHttpRedirects } from './plain-http-redirects.ts';

const name = probeNames.httpApplicationAfter;
const location = `https://${host}${applicationPaths.http}`;

async function redirected(): Promise<Evidence> {
  const evidence = await goodEvidence();
  evidence.subject.expects = { http: 'redirect' };
  changeAnswer(name, { status: 301, headers: { location }, body: '' })(evidence);
  changeEntries({ status: 301, upstreamCluster: null })(evidence);
  return evidence;
}

function changeEntries(change: Partial<Evidence['accessLog'][number]>): (evidence: Evidence) => void {
  return ({ accessLog }) => {
    for (const entry of accessLog) if (entry.path === applicationPaths.http) Object.assign(entry, change);
  };
}

const among = [...issuanceChecks, ...http01Checks, ...servingChecks, plainHttpRedirects];

describeCheck(plainHttpRedirects, redirected, among, [
  { name: 'no such probe', mutate: (evidence) => forgetProbe(evidence, name), says: [`no HTTP probe "${name}"`] },
  {
    name: 'no answer',
    mutate: changeProbe(name, { outcome: { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' } }),
    says: ['ended in connect ECONNREFUSED'],
  },
  { name: 'answered 200', mutate: changeAnswer(name, { status: 200 }), says: ['but was answered 200'] },
  { name: 'answered 302', mutate: changeAnswer(name, { status: 302 }), says: ['but was answered 302'] },
  { name: 'no Location', mutate: changeAnswer(name, { headers: {} }), says: ['with Location none'] },
  {
    name: 'to plain HTTP',
    mutate: changeAnswer(name, { headers: { location: location.replace('https', 'http') } }),
    says: [`with Location http://${host}`],
  },
  {
    name: 'to another path',
    mutate: changeAnswer(name, { headers: { location: `https://${host}/` } }),
    says: [`with Location https://${host}/.`],
  },
  {
    name: 'the application redirects, and not the gateway',
    mutate: changeEntries({ upstreamCluster: applicationCluster }),
    says: ['the gateway itself answered', applicationCluster],
  },
  {
    name: 'the access log lacks the request',
    mutate: (evidence) => {
      evidence.accessLog = evidence.accessLog.filter(({ path }) => path !== applicationPaths.http);
    },
    says: ['it has no such request'],
  },
]);
