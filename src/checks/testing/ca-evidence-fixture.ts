import type { Evidence } from '../../evidence/evidence.ts';
import { txtProbeName } from '../../evidence/probe-names.ts';
import { issueLeaf } from './certificate-fixture.ts';
import { after, fixtureCa, goodEvidence, host, put, recorded, secretFacts } from './evidence-fixture.ts';

/** Evidence of an issuance with every feature of a CA in it, for tests to break in one place at a time. */
export async function caEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const { foreign, root } = await fixtureCa();
  const issuer = recorded(evidence, 'Issuer');
  put(issuer, ['spec', 'acme', 'preferredChain'], 'Pebble Root CA 7a1c3e');
  put(issuer, ['spec', 'acme', 'profile'], 'default');
  // The CA's other root. What is a foreign one is of no account where nothing is served.
  evidence.ca.roots = [foreign.facts, root.facts];
  put(recorded(evidence, 'Certificate'), ['spec', 'privateKey'], { algorithm: 'ECDSA', size: 256 });
  put(recorded(evidence, 'Certificate'), ['spec', 'duration'], '2160h0m0s');
  put(recorded(evidence, 'Order'), ['spec', 'duration'], '2160h0m0s');
  put(recorded(evidence, 'Order'), ['spec', 'profile'], 'default');
  const { fingerprintSha256 = '' } = secretFacts(evidence).certificates[0] ?? {};
  evidence.acme = {
    profiles: ['default', 'shortlived'],
    revocations: [
      { at: after(28), fingerprintSha256, status: 200, error: null },
      { at: after(28.1), fingerprintSha256, status: 400, error: 'urn:ietf:params:acme:error:alreadyRevoked' },
    ],
  };
  return evidence;
}

/** The same by DNS-01, for a wildcard and its base domain. */
export async function dns01Evidence(): Promise<Evidence> {
  const evidence = await goodEvidence({ hosts: [host, `*.${host}`] });
  evidence.subject.solver = 'dns01';
  put(recorded(evidence, 'Challenge', 0), ['spec', 'type'], 'DNS-01');
  put(recorded(evidence, 'Challenge', 1), ['spec', 'type'], 'DNS-01');
  put(recorded(evidence, 'Challenge', 1), ['spec', 'dnsName'], host);
  put(recorded(evidence, 'Challenge', 1), ['spec', 'wildcard'], true);
  const none = { error: `queryTxt ENOTFOUND _acme-challenge.${host}`, code: 'ENOTFOUND' };
  evidence.probes.push({
    kind: 'dns',
    name: txtProbeName(host),
    at: after(29),
    durationMs: 2,
    servers: ['10.231.0.2'],
    host: `_acme-challenge.${host}`,
    type: 'TXT',
    outcome: none,
  });
  return evidence;
}

/** The same, renewed: a second Order, and a second leaf in the Secret. */
export async function renewedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const { intermediate } = await fixtureCa();
  put(recorded(evidence, 'Certificate'), ['status', 'revision'], 2);
  evidence.objects.push({
    ...structuredClone(recorded(evidence, 'Order')),
    name: 'second-order',
    uid: 'second-order-uid',
  });
  const secret = recorded(evidence, 'Secret');
  const [first] = secret.states;
  if (first === undefined) throw new Error('the fixture has no Secret');
  const second = structuredClone(first);
  second.at = after(29);
  second.change = 'modified';
  secret.states.push(second);
  put({ ...secret, states: [second] }, ['padlock', 'certificates', 0], await issueLeaf(intermediate, [host]));
  return evidence;
}
