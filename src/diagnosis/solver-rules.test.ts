import { expect, test } from 'vitest';
import { forget, put, recorded } from '../checks/testing/evidence-fixture.ts';
import { diagnose } from './diagnose.ts';
import { describeRules } from './rule-cases-fixture.ts';
import { says, startingSolver, waitingEvidence } from './situation-fixture.ts';
import { solverRules, startingSolverRules } from './solver-rules.ts';

/** Messages are those that cert-manager 1.21.2 gave. */
describeRules(
  [...solverRules, ...startingSolverRules],
  [
    {
      rule: 'challenge-hangs-on-deletion',
      what: 'a finalizer that cannot be cleared',
      stage: (evidence) =>
        put(recorded(evidence, 'Challenge'), ['metadata', 'deletionTimestamp'], '2026-11-24T09:00:20Z'),
      verdict: /its finalizer cannot complete/,
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
        says(
          evidence,
          'pods "cm-acme-http-solver-v7mt0" is forbidden: exceeded quota: no-pods, requested: pods=1, used: pods=0, limited: pods=0',
        );
      },
      verdict: /cannot be created: pods "cm-acme-http-solver-v7mt0" is forbidden: exceeded quota/,
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
