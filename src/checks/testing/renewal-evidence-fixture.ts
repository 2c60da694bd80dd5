import { actionNames } from '../../evidence/action-names.ts';
import type { CertificateFacts, Evidence, OpenConnectionProbe, TlsSeriesProbe } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { secretFactsField } from '../../evidence/secret-facts.ts';
import { renewalCertificateId } from '../../issuance/renewal-certificate-id.ts';
import { renewedEvidence } from './ca-evidence-fixture.ts';
import { issueLeaf } from './certificate-fixture.ts';
import { after, fixtureCa, goodEvidence, host, put, recorded, secretFacts } from './evidence-fixture.ts';

/** When each leaf was in the Secret, in seconds after the scenario's start. */
export const storedAfter = [24.9, 44.9, 64.9] as const;
/** When each leaf begins to be valid, its renewal is due, and cert-manager starts it. */
const leaf = { validAfter: [24, 44, 64], seconds: 311, dueAfter: [35, 55], startedAfter: [35.4, 55.3] } as const;
const served = { from: 28, to: 70, delay: 0.2 } as const;

/** Evidence of two renewals by time: leaves that live for 311 s and are renewed 300 s before their end. */
export async function renewalEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const { intermediate } = await fixtureCa();
  const leaves = await Promise.all(
    leaf.validAfter.map((from) =>
      issueLeaf(intermediate, [host], { notBefore: after(from), notAfter: after(from + leaf.seconds) }),
    ),
  );
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['spec', 'renewBefore'], '5m0s');
  const [ready] = certificate.states.slice(-1);
  if (ready === undefined) throw new Error('the fixture has no Certificate');
  leaf.startedAfter.forEach((at, index) => {
    const renewing = structuredClone(ready);
    renewing.at = after(at);
    const renewal = { type: 'Issuing', status: 'True', reason: 'Renewing', message: 'Renewing certificate' };
    put({ ...certificate, states: [renewing] }, ['status', 'conditions', 1], renewal);
    const renewed = structuredClone(ready);
    renewed.at = after(Number(storedAfter[index + 1]) + 0.1);
    put({ ...certificate, states: [renewed] }, ['status', 'revision'], index + 2);
    certificate.states.push(renewing, renewed);
  });
  const secret = recorded(evidence, 'Secret');
  const [first] = secret.states;
  if (first === undefined) throw new Error('the fixture has no Secret');
  secret.states = leaves.map((facts, index) => {
    const state = structuredClone(first);
    state.at = after(storedAfter[index] ?? 0);
    state.change = index === 0 ? 'added' : 'modified';
    state.object[secretFactsField] = {
      ...secretFacts(evidence),
      certificates: [facts, intermediate.facts],
      privateKeyPublicSha256: facts.publicKeySha256,
    };
    return state;
  });
  evidence.probes.push(handshakes(leaves), openConnection(leaves[0]));
  return evidence;
}

function handshakes(leaves: readonly CertificateFacts[]): TlsSeriesProbe {
  const runs = leaves.map(({ fingerprintSha256 }, index) => {
    const next = storedAfter[index + 1];
    const since = index === 0 ? served.from : Number(storedAfter[index]) + served.delay;
    const until = (next === undefined ? served.to : next + served.delay) - 0.02;
    return { since: after(since), until: after(until), count: Math.round((until - since) * 50), fingerprintSha256 };
  });
  return {
    kind: 'tls-series',
    name: probeNames.handshakes,
    at: after(served.from),
    durationMs: (served.to - served.from) * 1_000,
    address: '10.231.0.100',
    port: 443,
    serverName: host,
    trust: 'ca-roots',
    intervalMs: 20,
    outcome: {
      connections: runs.reduce((sum, { count }) => sum + count, 0),
      failed: 0,
      longestPauseMs: 31.2,
      handshakeMs: { median: 3.1, p99: 11.4, longest: 40.2 },
      leaves: [...leaves],
      runs,
    },
  };
}

function openConnection(met: CertificateFacts | undefined): OpenConnectionProbe {
  if (met === undefined) throw new Error('the fixture has no leaf');
  return {
    kind: 'open-connection',
    name: probeNames.openConnection,
    at: after(served.from),
    durationMs: (served.to - served.from) * 1_000,
    url: `https://${host}/get?padlock=${probeNames.openConnection}`,
    address: '10.231.0.100',
    trust: 'ca-roots',
    intervalMs: 100,
    outcome: {
      httpVersion: '2',
      leaf: met,
      requests: 420,
      failed: 0,
      runs: [{ since: after(served.from), until: after(served.to - 0.1), count: 420, status: 200 }],
      closed: null,
    },
  };
}

/** The recorded series of TLS connections. */
export function recordedSeries(evidence: Evidence): TlsSeriesProbe {
  const found = evidence.probes.find((probe) => probe.kind === 'tls-series');
  if (found?.kind !== 'tls-series') throw new Error('the fixture has no series of TLS connections');
  return found;
}

/** The recorded connection that stayed open. */
export function recordedOpenConnection(evidence: Evidence): OpenConnectionProbe {
  const found = evidence.probes.find((probe) => probe.kind === 'open-connection');
  if (found?.kind !== 'open-connection') throw new Error('the fixture has no open connection');
  return found;
}

/** What it saw. */
export function keptOpen(evidence: Evidence): Exclude<OpenConnectionProbe['outcome'], { error: string }> {
  const { outcome } = recordedOpenConnection(evidence);
  if ('error' in outcome) throw new Error('the connection of the fixture was not opened');
  return outcome;
}

/** Evidence of a renewal that the CA asked for: leaves that live for 90 days, and a window that is moved to now. */
export async function renewalInformationEvidence(): Promise<Evidence> {
  const evidence = await renewedEvidence();
  const window = { start: after(25), end: after(88) };
  evidence.actions.push({
    at: after(28),
    name: actionNames.renewalWindow,
    detail: `from ${window.start} to ${window.end}`,
  });
  const certificate = recorded(evidence, 'Certificate');
  const [ready] = certificate.states.slice(-1);
  if (ready === undefined) throw new Error('the fixture has no Certificate');
  const renewing = structuredClone(ready);
  renewing.at = after(28.4);
  const added = { ...certificate, states: [renewing] };
  put(added, ['status', 'acme'], { ari: { suggestedWindow: window, lastError: '' } });
  put(added, ['status', 'conditions', 1], { type: 'Issuing', status: 'True', reason: 'Renewing', message: 'Renewing' });
  certificate.states.push(renewing);
  put(recorded(evidence, 'Order', 1), ['spec', 'replaces'], renewalCertificateId(firstLeaf(evidence).pem));
  evidence.ca.log.push({ at: after(28.6), line: 'Pebble 2026/11/24 09:00:28 ARI: order "b" is a replacement of "a"' });
  return evidence;
}

function firstLeaf(evidence: Evidence): CertificateFacts {
  const [leaf] = secretFacts(evidence).certificates;
  if (leaf === undefined) throw new Error('the fixture has no leaf');
  return leaf;
}
