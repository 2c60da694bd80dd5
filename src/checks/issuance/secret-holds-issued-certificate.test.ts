import { expect, test } from 'vitest';
import type { CertificateFacts, Evidence } from '../../evidence/evidence.ts';
import { goodPathChecks } from '../all-checks.ts';
import { createIssuer, issueLeaf, type LeafOptions } from '../testing/certificate-fixture.ts';
import {
  after,
  answered,
  fixtureCa,
  forget,
  goodEvidence,
  host,
  put,
  recorded,
  recordedTlsProbe,
  secondHost,
  secretFacts,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { secretHoldsIssuedCertificate } from './secret-holds-issued-certificate.ts';

/** Puts a chain into the Secret and serves it too, so that only what the Secret itself lacks turns red. */
function hold(evidence: Evidence, chain: readonly CertificateFacts[]): void {
  const facts = secretFacts(evidence);
  facts.certificates = structuredClone([...chain]);
  facts.privateKeyPublicSha256 = chain[0]?.publicKeySha256 ?? null;
  for (const name of ['tls-trusted', 'tls-foreign-root']) {
    answered(recordedTlsProbe(evidence, name)).chain = structuredClone([...chain]);
  }
}

async function holdLeaf(evidence: Evidence, names: readonly string[], options?: LeafOptions): Promise<void> {
  const { intermediate } = await fixtureCa();
  hold(evidence, [await issueLeaf(intermediate, names, options), intermediate.facts]);
}

describeCheck(secretHoldsIssuedCertificate, goodEvidence, goodPathChecks, [
  {
    name: 'no Secret was recorded',
    mutate: (evidence) => forget(evidence, 'Secret'),
    says: ['No Secret istio-system/istio-ingressgateway-certs was recorded'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: 'the Secret was deleted',
    mutate: (evidence) => {
      recorded(evidence, 'Secret').states.push({ at: after(26), change: 'deleted', object: {} });
    },
    says: [`was deleted at ${after(26)}`],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: 'the Secret has no facts',
    mutate: (evidence) => put(recorded(evidence, 'Secret'), ['padlock'], undefined),
    says: ['was recorded without the facts of its certificate and key: padlock:'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: "the Secret's facts have another shape",
    mutate: (evidence) => put(recorded(evidence, 'Secret'), ['padlock', 'certificates'], 'none'),
    says: ['padlock.certificates:'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: 'the Secret is of another type',
    mutate: (evidence) => put(recorded(evidence, 'Secret'), ['type'], 'Opaque'),
    says: ['should have the type kubernetes.io/tls, but has Opaque'],
  },
  {
    name: 'the Secret holds no certificate',
    mutate: (evidence) => {
      Object.assign(secretFacts(evidence), { certificates: [], dataKeys: ['tls.key'] });
    },
    says: ['holds no certificate in tls.crt; its entries are tls.key'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: 'the Secret holds no key',
    mutate: (evidence) => {
      secretFacts(evidence).privateKeyPublicSha256 = null;
    },
    says: ['holds no readable private key in tls.key'],
  },
  {
    name: 'the key is of another certificate',
    mutate: async (evidence) => {
      secretFacts(evidence).privateKeyPublicSha256 = (await fixtureCa()).root.facts.publicKeySha256;
    },
    says: ['does not match its leaf'],
  },
  {
    name: 'the leaf lacks a name',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'dnsNames'], [host, secondHost]),
    says: [`should be for ${host}, ${secondHost}`, `but is for ${host}.`],
  },
  {
    name: 'the leaf has one name too many',
    mutate: (evidence) => holdLeaf(evidence, [host, secondHost]),
    says: [`should be for ${host} (dnsNames of Certificate`, `but is for ${host}, ${secondHost}`],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'the Certificate has no dnsNames',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'dnsNames'], undefined),
    says: ['was recorded without spec.dnsNames'],
  },
  {
    name: 'the chain is in the wrong order',
    mutate: async (evidence) => {
      const { intermediate, root } = await fixtureCa();
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf !== undefined) hold(evidence, [leaf, root.facts, intermediate.facts]);
    },
    says: ['out of order: certificate 1', 'was not issued by certificate 2'],
  },
  {
    name: 'the intermediate has the right name but another key',
    mutate: async (evidence) => {
      const { root } = await fixtureCa();
      const namesake = await createIssuer('Pebble Intermediate CA 51b0d2', root);
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf !== undefined) hold(evidence, [leaf, namesake.facts]);
    },
    says: ['was not issued by certificate 2'],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: 'the leaf has expired',
    mutate: (evidence) => holdLeaf(evidence, [host], { notBefore: after(-86_400), notAfter: after(0) }),
    says: [`to ${after(0)}, not when it was recorded (${after(24.9)})`],
    alsoRed: ['chain-ends-at-the-cas-root', 'browser-shows-padlock'],
  },
  {
    name: 'the leaf was not yet valid when it was recorded',
    mutate: (evidence) => holdLeaf(evidence, [host], { notBefore: after(26) }),
    says: [`valid from ${after(26)}`],
    alsoRed: ['browser-shows-padlock'],
  },
  {
    name: 'the facts are not those of the PEM',
    mutate: async (evidence) => {
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf !== undefined) leaf.pem = (await fixtureCa()).root.facts.pem;
    },
    says: ['Certificate 1 of tls.crt', 'fingerprint, public key, DNS names differ'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
  {
    name: 'the PEM is broken',
    mutate: (evidence) => {
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf !== undefined) leaf.pem = 'no PEM';
    },
    says: ['Certificate 1 of tls.crt'],
    alsoRed: ['gateway-serves-the-secret', 'browser-shows-padlock'],
  },
]);

test('takes dnsNames in any order and a chain without an intermediate', async () => {
  const evidence = await goodEvidence();
  const { root } = await fixtureCa();
  hold(evidence, [await issueLeaf(root, [secondHost, host])]);
  put(recorded(evidence, 'Certificate'), ['spec', 'dnsNames'], [host, secondHost]);
  expect(verdictOf(secretHoldsIssuedCertificate, evidence).result).toBe('passed');
});

test('judges the last Secret and the last Certificate of the name', async () => {
  const evidence = await goodEvidence();
  for (const kind of ['Secret', 'Certificate']) {
    const earlier = structuredClone(recorded(evidence, kind));
    earlier.uid = `earlier-${kind}`;
    put(earlier, ['spec', 'dnsNames'], [secondHost]);
    earlier.states.push({ at: after(4), change: 'deleted', object: {} });
    evidence.objects.unshift(earlier);
  }
  expect(verdictOf(secretHoldsIssuedCertificate, evidence).result).toBe('passed');
});

test('addresses count as names do', async () => {
  const evidence = await goodEvidence();
  const { intermediate } = await fixtureCa();
  const address = '10.231.0.100';
  const leaf = await issueLeaf(intermediate, [], { ipAddresses: [address] });
  const facts = secretFacts(evidence);
  facts.certificates = [leaf, intermediate.facts];
  facts.privateKeyPublicSha256 = leaf.publicKeySha256;
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['spec', 'dnsNames'], undefined);
  put(certificate, ['spec', 'ipAddresses'], [address]);
  expect(verdictOf(secretHoldsIssuedCertificate, evidence).result).toBe('passed');
  put(certificate, ['spec', 'ipAddresses'], [address, '10.231.0.101']);
  expect(verdictOf(secretHoldsIssuedCertificate, evidence)).toMatchObject({
    result: 'failed',
    message: expect.stringContaining(`should be for ${address}, 10.231.0.101 (names and addresses of`),
  });
});
