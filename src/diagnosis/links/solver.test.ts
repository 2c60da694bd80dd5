import { expect, test } from 'vitest';
import { forget, put, recorded } from '../../checks/testing/evidence-fixture.ts';
import { diagnose } from '../diagnose.ts';
import { describeRules } from '../rule-cases-fixture.ts';
import { addObject, says, startingSolver, waitingEvidence, waitingReason } from '../situation-fixture.ts';
import { challengeLink } from './challenge.ts';
import { solverLink } from './solver.ts';

/** Messages are those that cert-manager 1.21.2 gave. */
describeRules(
  [challengeLink, solverLink],
  [
    {
      rule: 'challenge-hangs-on-deletion',
      what: 'a finalizer that cannot be cleared',
      stage: (evidence) =>
        put(recorded(evidence, 'Challenge'), ['metadata', 'deletionTimestamp'], '2026-11-24T09:00:20Z'),
      verdict: /its finalizer cannot complete/,
    },
    {
      rule: 'name-blocked-by-another-challenge',
      what: 'another namespace has one for the same name',
      stage(evidence) {
        put(recorded(evidence, 'Challenge'), ['status'], {});
        addObject(evidence, {
          apiVersion: 'acme.cert-manager.io/v1',
          kind: 'Challenge',
          metadata: { namespace: 'elsewhere', name: 'parked-1-2-3', uid: 'parked-uid' },
          spec: { dnsName: evidence.subject.host, type: 'HTTP-01' },
          status: { processing: true, presented: true, state: 'pending', reason: waitingReason('nothing there') },
        });
      },
      verdict:
        /The Challenge has not been begun: cert-manager works on one HTTP-01 Challenge per name at a time, and Challenge elsewhere\/parked-1-2-3/,
    },
    {
      rule: 'too-many-challenges',
      what: 'sixty others',
      stage(evidence) {
        put(recorded(evidence, 'Challenge'), ['status'], {});
        for (let index = 0; index < 60; index += 1)
          addObject(evidence, {
            apiVersion: 'acme.cert-manager.io/v1',
            kind: 'Challenge',
            metadata: { namespace: 'elsewhere', name: `other-${index}`, uid: `other-${index}` },
            spec: { dnsName: `${index}.test`, type: 'HTTP-01' },
            status: { processing: true, state: 'pending' },
          });
      },
      verdict: /works on 60 Challenges, and by default on at most 60/,
    },
    {
      rule: 'dns01-wrong-key',
      what: 'BADSIG',
      stage(evidence) {
        put(recorded(evidence, 'Challenge'), ['spec', 'type'], 'DNS-01');
        put(recorded(evidence, 'Challenge'), ['spec', 'solver'], {
          dns01: { rfc2136: { nameserver: '198.51.100.53:53', tsigKeyName: 'acme' } },
        });
        says(evidence, 'DNS update failed: dns: bad authentication');
      },
      verdict:
        /the name server 198\.51\.100\.53:53 refuses the update because the signature by the TSIG key 'acme' is wrong/,
    },
    {
      rule: 'dns01-not-presented',
      what: 'another complaint of the provider',
      stage(evidence) {
        put(recorded(evidence, 'Challenge'), ['spec', 'type'], 'DNS-01');
        put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
        says(evidence, 'DNS update failed: server replied: SERVFAIL');
      },
      verdict: /cannot be presented: DNS update failed: server replied: SERVFAIL/,
    },
    {
      rule: 'solver-not-created',
      what: 'a quota',
      stage(evidence) {
        forget(evidence, 'Pod');
        put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
        says(
          evidence,
          'pods "cm-acme-http-solver-v7mt0" is forbidden: exceeded quota: no-pods, requested: pods=1, used: pods=0, limited: pods=0',
        );
      },
      verdict:
        /the solver's Pod cannot be created: ResourceQuota istio-system\/no-pods allows no more .*pods "cm-acme-http-solver-…" is forbidden: exceeded quota/,
    },
    {
      rule: 'solver-not-ready',
      what: 'one that has been starting for an hour',
      stage(evidence) {
        startingSolver(evidence);
        put(recorded(evidence, 'Pod'), ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
      },
      verdict: /is not ready: Pod \S+ ContainerCreating\.$/,
    },
    {
      rule: 'solver-not-ready',
      what: 'an init container that ends again and again',
      stage: (evidence) =>
        put(recorded(evidence, 'Pod'), ['status'], {
          phase: 'Pending',
          containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
          initContainerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }],
        }),
      verdict: /is not ready: Pod \S+ CrashLoopBackOff\.$/,
    },
    {
      rule: 'solver-starting',
      what: 'a container that is being made',
      stage: startingSolver,
      verdict: / is starting \(ContainerCreating\)\.$/,
    },
    {
      rule: 'solver-not-ready',
      what: 'an image that cannot be pulled',
      stage: (evidence) =>
        put(recorded(evidence, 'Pod'), ['status'], {
          phase: 'Pending',
          containerStatuses: [
            { state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } },
          ],
        }),
      verdict: /is not ready: Pod \S+ ImagePullBackOff: Back-off pulling image/,
    },
  ],
);

test('a server that is not responsible for the zone does not refuse the key', async () => {
  const evidence = await waitingEvidence();
  put(recorded(evidence, 'Challenge'), ['spec', 'type'], 'DNS-01');
  put(recorded(evidence, 'Challenge'), ['spec', 'solver'], {
    dns01: { rfc2136: { nameserver: '198.51.100.53:53' } },
  });
  put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
  says(evidence, 'DNS update failed: server replied: NOTAUTH');
  expect(diagnose(evidence).rule).toBe('dns01-not-presented');
});

test('a log line about another refused Pod says nothing about the solver', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'Pod');
  evidence.logs = [
    { source: 'cert-manager/controller', lines: ['pods "other" is forbidden: exceeded quota, key="a/other"'] },
  ];
  expect(diagnose(evidence).rule).toBe('challenge-waits');
});
