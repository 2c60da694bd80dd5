import { beforeEach, describe, expect, test } from 'vitest';
import { host as base, goodEvidence, logEntry, put, recorded, secondHost } from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { text } from '../issuance/recorded-object.ts';
import { diagnose } from './diagnose.ts';
import { addDns, addObject, fixtureAddress, says, waitingEvidence } from './situation-fixture.ts';

/** The name that is judged; the certificate is for `*.base`, and the Challenge for base. */
const below = `shop.${base}`;
const notPropagated = `Waiting for DNS-01 challenge propagation: DNS record for "${base}" not yet propagated`;
let evidence: Evidence;

/** A wildcard by DNS-01, of which a name below is served. */
function byDns01(made: Evidence): Evidence {
  made.subject.host = below;
  made.subject.solver = 'dns01';
  made.objects = made.objects.filter(({ name }) => !name.startsWith('cm-acme-http-solver'));
  const challenge = recorded(made, 'Challenge');
  put(challenge, ['spec', 'type'], 'DNS-01');
  put(challenge, ['spec', 'dnsName'], base);
  put(challenge, ['spec', 'wildcard'], true);
  put(challenge, ['spec', 'solver'], {
    dns01: { rfc2136: { nameserver: '198.51.100.53:53', tsigKeyName: 'acme' } },
  });
  return made;
}

describe('while it waits', () => {
  beforeEach(async () => {
    evidence = byDns01(await waitingEvidence({ hosts: [`*.${base}`] }));
    put(recorded(evidence, 'Challenge'), ['status', 'presented'], true);
    says(evidence, notPropagated);
    addDns(evidence, [fixtureAddress]);
  });

  const challengeSays = `says: ${notPropagated}.`;

  test('the Challenge of the base domain is the one that it waits for', () => {
    const { rule, verdict, evidence: sentences } = diagnose(evidence);
    expect(rule).toBe('challenge-waits');
    expect(verdict).toBe(`The Challenge waits for its self-check: DNS record for "${base}" not yet propagated.`);
    expect(sentences).toEqual([
      expect.stringMatching(new RegExp(` for ${base} is pending\\.$`)),
      expect.stringContaining(challengeSays),
    ]);
  });

  test.each([
    { what: 'has no address', records: { code: 'ENOTFOUND' } },
    { what: 'points elsewhere', records: ['192.0.2.77'] },
  ])('a name below that $what does not hold up DNS-01', ({ records }) => {
    addDns(evidence, records);
    expect(diagnose(evidence).rule).toBe('challenge-waits');
    evidence.subject.host = base;
    addDns(evidence, records);
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });

  test('what the path of HTTP-01 answers does not matter', () => {
    const path = `/.well-known/acme-challenge/${text(recorded(evidence, 'Challenge').states[0]?.object, 'spec', 'token')}`;
    evidence.accessLog.push(logEntry(15, { path, status: 404, authority: below }));
    evidence.probes.push({
      ...{ kind: 'http', name: probeNames.diagnosisChallengePath, at: '2026-11-24T09:00:30.000Z', durationMs: 2 },
      ...{ method: 'GET', url: `http://${base}${path}`, address: fixtureAddress, trust: 'none' },
      outcome: { httpVersion: '1.1', status: 404, headers: {}, body: '' },
    } as Evidence['probes'][number]);
    const { evidence: sentences } = diagnose(evidence);
    expect(sentences.join(' ')).not.toContain('404');
    expect(sentences.join(' ')).not.toContain('http://');
  });

  test.each([
    { rule: 'dns01-wrong-key', reason: 'DNS update failed: dns: bad authentication' },
    { rule: 'dns01-not-presented', reason: 'DNS update failed: server replied: SERVFAIL' },
  ])('$rule, and no word about addresses', ({ rule, reason }) => {
    put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
    says(evidence, reason);
    addDns(evidence, { code: 'ENOTFOUND' });
    const diagnosis = diagnose(evidence);
    expect(diagnosis.rule).toBe(rule);
    expect(diagnosis.evidence).toEqual([expect.stringContaining(`says: ${reason}.`)]);
  });

  test('of two Challenges it is that of the wildcard, even if the other is newer', async () => {
    evidence = byDns01(await waitingEvidence({ hosts: [`*.${base}`, secondHost] }));
    const born = ['2026-11-24T09:00:05Z', '2026-11-24T09:00:06Z'];
    for (const [index, at] of born.entries()) {
      put(recorded(evidence, 'Challenge', index), ['metadata', 'creationTimestamp'], at);
    }
    put(recorded(evidence, 'Challenge'), ['status', 'presented'], true);
    says(evidence, notPropagated);
    const { rule, evidence: sentences } = diagnose(evidence);
    expect(rule).toBe('challenge-waits');
    expect(sentences.join(' ')).toContain(challengeSays);
    expect(sentences.join(' ')).not.toContain(secondHost);
  });
});

test('a CA that did not find the TXT record: the addresses of the name are no evidence', async () => {
  evidence = byDns01(await waitingEvidence({ hosts: [`*.${base}`] }));
  const reason = `Error accepting authorization: acme: authorization error for ${base}: 403 urn:ietf:params:acme:error:unauthorized`;
  const last = recorded(evidence, 'Challenge').states.at(-1);
  if (last) last.object.status = { state: 'invalid', reason };
  evidence.subject.host = base;
  addDns(evidence, [fixtureAddress]);
  evidence.subject.host = below;
  const diagnosis = diagnose(evidence);
  expect(diagnosis.rule).toBe('validation-failed');
  expect(diagnosis.verdict).toBe(
    `The CA requested the DNS record of ${base} and did not get the right answer: ${reason}.`,
  );
  expect(diagnosis.evidence).toEqual([expect.stringMatching(/^Challenge \S+ is invalid, as seen at \S+\.$/)]);
});

describe('once it is issued', () => {
  beforeEach(async () => {
    evidence = byDns01(await goodEvidence({ hosts: [`*.${base}`] }));
    for (const probe of evidence.probes) if (probe.kind === 'tls') probe.serverName = below;
  });

  const gatewayFor = (pattern: string) =>
    addObject(evidence, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { namespace: 'default', name: 'httpbin-https', uid: 'gateway-uid' },
      spec: {
        servers: [
          {
            port: { number: 443 },
            hosts: [pattern],
            tls: { mode: 'SIMPLE', credentialName: evidence.subject.secret.name },
          },
        ],
      },
    });
  const tlsFails = () => {
    for (const probe of evidence.probes) {
      if (probe.kind === 'tls') probe.outcome = { error: 'read ECONNRESET', code: 'ECONNRESET' };
    }
  };

  test('a Gateway for the wildcard serves the name below', () => {
    gatewayFor(`*.${base}`);
    expect(diagnose(evidence)).toMatchObject({ rule: 'served', verdict: expect.stringMatching(/^Nothing is wrong: /) });
    tlsFails();
    expect(diagnose(evidence)).toMatchObject({ rule: 'not-served', verdict: expect.stringContaining(below) });
  });

  test('a Gateway for the base domain alone does not', () => {
    gatewayFor(base);
    tlsFails();
    expect(diagnose(evidence)).toMatchObject({
      rule: 'no-tls-server',
      verdict: `The certificate is issued, but no Gateway serves ${below} over TLS.`,
    });
  });
});
