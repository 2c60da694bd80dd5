import { goodPathChecks } from '../all-checks.ts';
import { issueLeaf } from '../testing/certificate-fixture.ts';
import {
  answered,
  fixtureCa,
  forgetProbe,
  goodEvidence,
  host,
  recordedTlsProbe,
  secretFacts,
} from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { gatewayServesTheSecret } from './gateway-serves-the-secret.ts';

describeCheck(gatewayServesTheSecret, goodEvidence, goodPathChecks, [
  {
    name: 'no probe met the certificate',
    mutate: (evidence) => forgetProbe(evidence, 'tls-trusted'),
    says: ['no TLS probe "tls-trusted"'],
    alsoRed: ['chain-ends-at-the-cas-root', 'browser-shows-padlock'],
  },
  {
    name: 'the gateway closed the connection',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-trusted').outcome = { error: 'read ECONNRESET', code: 'ECONNRESET' };
    },
    says: ['got no certificate: read ECONNRESET (ECONNRESET)'],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: 'the gateway served no certificate',
    mutate: (evidence) => {
      answered(recordedTlsProbe(evidence, 'tls-trusted')).chain = [];
    },
    says: ['got no certificate'],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: 'the probe asked for another name',
    mutate: (evidence) => {
      recordedTlsProbe(evidence, 'tls-trusted').serverName = 'other.example.test';
    },
    says: ['with SNI other.example.test', `should have asked for ${host}`],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: "the gateway serves another, equally good certificate of the CA's",
    mutate: async (evidence) => {
      const { intermediate } = await fixtureCa();
      answered(recordedTlsProbe(evidence, 'tls-trusted')).chain = [
        await issueLeaf(intermediate, [host]),
        intermediate.facts,
      ];
    },
    says: [`was served "${host}"`, 'but Secret istio-system/istio-ingressgateway-certs holds'],
  },
  {
    name: 'the gateway serves more of the chain than the Secret holds',
    mutate: async (evidence) => {
      answered(recordedTlsProbe(evidence, 'tls-trusted')).chain.push((await fixtureCa()).root.facts);
    },
    says: ["the Secret's leaf but a different chain"],
  },
  {
    name: 'the gateway serves less of the chain than the Secret holds',
    mutate: (evidence) => {
      answered(recordedTlsProbe(evidence, 'tls-trusted')).chain.pop();
    },
    says: ["the Secret's leaf but a different chain"],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: 'the facts of the served leaf are not those of its PEM',
    mutate: async (evidence) => {
      const [leaf] = answered(recordedTlsProbe(evidence, 'tls-trusted')).chain;
      if (leaf !== undefined) leaf.pem = (await issueLeaf((await fixtureCa()).foreign, [host])).pem;
    },
    says: ['Certificate 1 of the chain served to probe "tls-trusted"', 'fingerprint, public key differ'],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: 'the Secret was renewed but the gateway still serves the old certificate',
    mutate: async (evidence) => {
      const { intermediate } = await fixtureCa();
      const renewed = await issueLeaf(intermediate, [host]);
      const facts = secretFacts(evidence);
      facts.certificates = [renewed, intermediate.facts];
      facts.privateKeyPublicSha256 = renewed.publicKeySha256;
    },
    says: ['was served'],
    alsoRed: ['browser-shows-padlock'],
  },
]);
