import type { Evidence, HttpProbe } from '../../evidence/evidence.ts';
import { applicationCluster, applicationPaths, forgetProbe, host, recordedHttpProbe } from './evidence-fixture.ts';
import type { Mutation } from './mutation-fixture.ts';

type Answer = Exclude<HttpProbe['outcome'], { error: string }>;

export function changeProbe(name: string, fields: Partial<HttpProbe>): (evidence: Evidence) => void {
  return (evidence) => {
    Object.assign(recordedHttpProbe(evidence, name), fields);
  };
}

export function changeAnswer(name: string, fields: Partial<Answer>): (evidence: Evidence) => void {
  return (evidence) => {
    Object.assign(recordedHttpProbe(evidence, name).outcome, fields);
  };
}

/** Ways to break a probe of the application, over HTTPS or plain HTTP, that must turn its check red. */
export function applicationMutations(name: string, scheme: 'http' | 'https'): readonly Mutation[] {
  const changeEntry = (change: (entry: Evidence['accessLog'][number]) => void) => (evidence: Evidence) => {
    for (const entry of evidence.accessLog) if (entry.path === applicationPaths[scheme]) change(entry);
  };
  return [
    {
      name: 'no such probe',
      mutate: (evidence: Evidence) => forgetProbe(evidence, name),
      says: [`no HTTP probe "${name}"`],
    },
    {
      name: 'no answer',
      mutate: changeProbe(name, { outcome: { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' } }),
      says: [`HTTP probe "${name}"`, 'ended in connect ECONNREFUSED'],
    },
    {
      name: 'answered 503',
      mutate: changeAnswer(name, { status: 503 }),
      says: ['should have been answered 200, but was answered 503'],
    },
    { name: 'redirected', mutate: changeAnswer(name, { status: 301 }), says: ['was answered 301'] },
    {
      name: 'another host was asked',
      mutate: changeProbe(name, { url: `${scheme}://other.example.test/get` }),
      says: [`${host} on port`],
    },
    {
      name: 'another port was asked',
      mutate: changeProbe(name, { url: `${scheme}://${host}:8443/get` }),
      says: [scheme === 'https' ? 'on port 443' : 'on port 80'],
    },
    { name: 'the URL is malformed', mutate: changeProbe(name, { url: 'nowhere' }), says: ['has no valid URL'] },
    {
      name: "someone else's answer",
      mutate: changeAnswer(name, { body: '<html>Welcome</html>' }),
      says: ['but not by go-httpbin', '<html>Welcome</html>'],
    },
    {
      name: 'JSON that echoes nothing',
      mutate: changeAnswer(name, { body: '{"headers":{}}' }),
      says: ['but not by go-httpbin'],
    },
    {
      name: 'an answer meant for another host',
      mutate: changeAnswer(name, {
        body: '{"headers":{"Host":["other.example.test"]},"url":"http://other.example.test/"}',
      }),
      says: ['but not by go-httpbin'],
    },
    {
      name: 'the access log lacks the request',
      mutate: (evidence) => {
        evidence.accessLog = evidence.accessLog.filter((entry) => entry.path !== applicationPaths[scheme]);
      },
      says: [`"${name}"`, 'it has no such request at that time'],
    },
    {
      name: 'the request in the access log is from long before',
      mutate: (evidence) =>
        changeEntry((entry) => {
          entry.at = evidence.scenario.startedAt;
        })(evidence),
      says: ['it has no such request at that time'],
    },
    {
      name: 'the gateway led the request to another Service',
      mutate: changeEntry((entry) => {
        entry.upstreamCluster = 'outbound|8000||other.default.svc.cluster.local';
      }),
      says: [applicationCluster, '200 from outbound|8000||other.default.svc.cluster.local'],
    },
    {
      name: 'the request came through another gateway',
      mutate: changeEntry((entry) => {
        entry.pod = 'default/other-abc-xyz';
      }),
      says: ['it has no such request at that time'],
    },
  ];
}
