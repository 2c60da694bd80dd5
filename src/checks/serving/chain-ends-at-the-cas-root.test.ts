import { expect, test } from 'vitest';
import type { CertificateFacts, Evidence } from '../../evidence/evidence.ts';
import { goodPathChecks } from '../all-checks.ts';
import { createIssuer, issueLeaf } from '../testing/certificate-fixture.ts';
import {
  after,
  answered,
  fixtureCa,
  forget,
  forgetProbe,
  goodEvidence,
  host,
  recordedTlsProbe,
  secretFacts,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { chainEndsAtTheCasRoot } from './chain-ends-at-the-cas-root.ts';

/** Serves a chain that the Secret holds as well, so that only the way to the root is in question. */
function serve(evidence: Evidence, chain: readonly CertificateFacts[]): void {
  const facts = secretFacts(evidence);
  facts.certificates = structuredClone([...chain]);
  facts.privateKeyPublicSha256 = chain[0]?.publicKeySha256 ?? null;
  for (const name of ['tls-trusted', 'tls-foreign-root']) {
    answered(recordedTlsProbe(evidence, name)).chain = structuredClone([...chain]);
  }
}

function refuse(name: string, reason: string | null): (evidence: Evidence) => void {
  return (evidence) => {
    Object.assign(answered(recordedTlsProbe(evidence, name)), {
      authorized: reason === null,
      authorizationError: reason,
    });
  };
}

describeCheck(chainEndsAtTheCasRoot, goodEvidence, goodPathChecks, [
  {
    name: 'no probe with the roots of the CA',
    mutate: (evidence) => forgetProbe(evidence, 'tls-trusted'),
    says: ['no TLS probe "tls-trusted"'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: 'the probe trusted something else',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-trusted').trust = 'foreign-root';
    },
    says: ['should have trusted ca-roots, but trusted foreign-root'],
  },
  {
    name: 'the handshake failed',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-trusted').outcome = { error: 'connect ETIMEDOUT', code: 'ETIMEDOUT' };
    },
    says: ['ended in connect ETIMEDOUT (ETIMEDOUT)'],
    alsoRed: ['gateway-serves-the-secret'],
  },
  {
    name: 'the client refused the chain',
    mutate: refuse('tls-trusted', 'CERT_REVOKED'),
    says: ['refused it: CERT_REVOKED'],
  },
  {
    name: "the evidence has none of the CA's roots",
    mutate: (evidence) => {
      evidence.ca.roots = [];
    },
    says: ['ca.roots is empty', '--ca-root'],
    alsoRed: ['backend-answers', 'browser-shows-padlock'],
  },
  {
    name: 'the client accepted it, but the chain is of another CA',
    mutate: async (evidence) => {
      const other = await createIssuer('Other Root CA');
      serve(evidence, [await issueLeaf(other, [host]), other.facts]);
    },
    says: ['does not end at a root of the CA', "the CA's roots are"],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'the recorded root only has the name of the real one',
    mutate: async (evidence) => {
      evidence.ca.roots = [(await createIssuer('Pebble Root CA 7a1c3e')).facts];
    },
    says: ['does not end at a root of the CA'],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'the leaf is signed by another key under the name of the intermediate',
    mutate: async (evidence) => {
      const { foreign, intermediate } = await fixtureCa();
      const namesake = await createIssuer('Pebble Intermediate CA 51b0d2', foreign);
      serve(evidence, [await issueLeaf(namesake, [host]), intermediate.facts]);
    },
    says: ['does not end at a root of the CA'],
    alsoRed: ['secret-holds-issued-certificate', 'browser-shows-padlock'],
  },
  {
    name: 'the intermediate is not served',
    mutate: (evidence) => serve(evidence, secretFacts(evidence).certificates.slice(0, 1)),
    says: ['does not end at a root of the CA', "the leaf's issuer is CN=Pebble Intermediate CA 51b0d2"],
  },
  {
    name: 'the leaf is for another host',
    mutate: async (evidence) => {
      const { intermediate } = await fixtureCa();
      serve(evidence, [await issueLeaf(intermediate, ['other.example.test']), intermediate.facts]);
    },
    says: [`is for other.example.test, not for ${host}`],
    alsoRed: ['secret-holds-issued-certificate', 'browser-shows-padlock'],
  },
  {
    name: 'the leaf is not for servers',
    mutate: async (evidence) => {
      const { intermediate } = await fixtureCa();
      serve(evidence, [await issueLeaf(intermediate, [host], { usage: 'client' }), intermediate.facts]);
    },
    says: ['is not a TLS server certificate'],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'the leaf had expired by the time of the probe',
    mutate: async (evidence) => {
      const { intermediate } = await fixtureCa();
      serve(evidence, [await issueLeaf(intermediate, [host], { notAfter: after(26) }), intermediate.facts]);
    },
    says: [`to ${after(26)}, not at the probe (${after(28)})`],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'the leaf is signed by a certificate that is no CA',
    mutate: async (evidence) => {
      const { root } = await fixtureCa();
      const noCa = await createIssuer('Not a CA', root, { ca: false });
      serve(evidence, [await issueLeaf(noCa, [host]), noCa.facts]);
    },
    says: ['does not end at a root of the CA'],
    alsoRed: ['secret-holds-issued-certificate', 'browser-shows-padlock'],
  },
  {
    name: 'the intermediate has expired',
    mutate: async (evidence) => {
      const { root } = await fixtureCa();
      const expired = await createIssuer('Expired CA', root, { notBefore: after(-3_600), notAfter: after(-60) });
      serve(evidence, [await issueLeaf(expired, [host]), expired.facts]);
    },
    says: ['"CN=Expired CA"', 'not at the probe'],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: "the root's facts are not those of its PEM",
    mutate: async (evidence) => {
      const [root] = evidence.ca.roots;
      if (root !== undefined) root.pem = (await fixtureCa()).foreign.facts.pem;
    },
    says: ["Certificate 1 of the CA's roots", 'fingerprint, public key differ'],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'no control with a foreign root',
    mutate: (evidence) => forgetProbe(evidence, 'tls-foreign-root'),
    says: ['no TLS probe "tls-foreign-root"'],
  },
  {
    name: 'the control trusted the roots of the CA',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-foreign-root').trust = 'ca-roots';
    },
    says: ['"tls-foreign-root" should have trusted foreign-root, but trusted ca-roots'],
  },
  {
    name: 'the control asked for another host',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-foreign-root').serverName = 'other.example.test';
    },
    says: ['"tls-foreign-root" should have asked for'],
  },
  {
    name: 'the control accepted the chain',
    mutate: refuse('tls-foreign-root', null),
    says: ['trusts only the foreign root CN=Foreign Root CA should refuse', 'accepted it'],
  },
  {
    name: 'the control failed for another reason',
    mutate: refuse('tls-foreign-root', 'CERT_HAS_EXPIRED'),
    says: ['The control proves nothing', 'CERT_HAS_EXPIRED'],
  },
  {
    name: 'the control reached nobody',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-foreign-root').outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
    },
    says: ['The control proves nothing', 'ECONNREFUSED'],
  },
  {
    name: "the foreign root is the CA's own",
    mutate: async (evidence) => {
      evidence.ca.foreignRoot = (await fixtureCa()).root.facts;
      evidence.ca.roots.push((await createIssuer('Pebble Root CA 000000')).facts);
    },
    says: ["the foreign root is one of the CA's roots"],
  },
]);

test('is skipped if the roots are unknown', async () => {
  const evidence = await goodEvidence();
  evidence.ca.roots = [];
  expect(verdictOf(chainEndsAtTheCasRoot, evidence).result).toBe('skipped');
});

test('takes nothing from the Secret', async () => {
  const evidence = await goodEvidence();
  forget(evidence, 'Secret');
  expect(verdictOf(chainEndsAtTheCasRoot, evidence).result).toBe('passed');
});

test.each(['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN'])(
  'takes a control refused with %s',
  async (code) => {
    const evidence = await goodEvidence();
    recordedTlsProbe(evidence, 'tls-foreign-root').outcome = { error: 'certificate verify failed', code };
    expect(verdictOf(chainEndsAtTheCasRoot, evidence).result).toBe('passed');
  },
);

test('takes a chain that is served out of order, with its root, and one of several roots', async () => {
  const evidence = await goodEvidence();
  const { root, intermediate } = await fixtureCa();
  const [leaf] = secretFacts(evidence).certificates;
  if (leaf !== undefined) serve(evidence, [leaf, root.facts, intermediate.facts]);
  evidence.ca.roots.unshift((await createIssuer('Pebble Root CA 000000')).facts);
  expect(verdictOf(chainEndsAtTheCasRoot, evidence).result).toBe('passed');
});

test('an address is looked for among the addresses of the leaf', async () => {
  const evidence = await goodEvidence();
  const { intermediate } = await fixtureCa();
  const address = '10.231.0.100';
  evidence.subject.host = address;
  for (const name of ['tls-trusted', 'tls-foreign-root']) recordedTlsProbe(evidence, name).serverName = address;
  serve(evidence, [await issueLeaf(intermediate, [], { ipAddresses: [address] }), intermediate.facts]);
  expect(verdictOf(chainEndsAtTheCasRoot, evidence).result).toBe('passed');
  serve(evidence, [await issueLeaf(intermediate, [], { ipAddresses: ['10.231.0.101'] }), intermediate.facts]);
  expect(verdictOf(chainEndsAtTheCasRoot, evidence)).toMatchObject({
    result: 'failed',
    message: expect.stringContaining(`is for 10.231.0.101, not for ${address}`),
  });
});
