import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { goodPathChecks } from '../all-checks.ts';
import { judge } from '../judge.ts';
import { issueLeaf } from '../testing/certificate-fixture.ts';
import {
  answered,
  fixtureCa,
  forget,
  forgetProbe,
  goodEvidence,
  host,
  recordedBrowserProbe,
  recordedTlsProbe,
  secretFacts,
  shown,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { browserShowsPadlock } from './browser-shows-padlock.ts';

const trusted = (evidence: Evidence) => recordedBrowserProbe(evidence, 'browser-trusted');
const control = (evidence: Evidence) => recordedBrowserProbe(evidence, 'browser-control');
const answer = (evidence: Evidence) => shown(trusted(evidence));
const unavailable = 'This machine lacks certutil: install libnss3-tools.';

/** Has everything but the browser agree on another leaf: the Secret, and what the gateway served to the TLS probes. */
async function serve(evidence: Evidence, dnsNames: readonly string[], notAfter?: string): Promise<void> {
  const { intermediate, root } = await fixtureCa();
  const leaf = await issueLeaf(intermediate, dnsNames, notAfter === undefined ? {} : { notAfter });
  for (const name of ['tls-trusted', 'tls-foreign-root']) {
    answered(recordedTlsProbe(evidence, name)).chain = [leaf, intermediate.facts];
  }
  const facts = secretFacts(evidence);
  facts.certificates = [leaf, intermediate.facts];
  facts.privateKeyPublicSha256 = leaf.publicKeySha256;
  const page = answer(evidence);
  page.chain = [leaf, intermediate.facts, root.facts];
  page.validFrom = leaf.notBefore;
  page.validTo = leaf.notAfter;
}

describeCheck(browserShowsPadlock, goodEvidence, goodPathChecks, [
  {
    name: 'no browser probe was recorded at all',
    mutate: (evidence) => {
      forgetProbe(evidence, 'browser-trusted');
      forgetProbe(evidence, 'browser-control');
    },
    says: ['no browser probe "browser-trusted" or "browser-control"'],
  },
  {
    name: 'only the control was recorded',
    mutate: (evidence) => forgetProbe(evidence, 'browser-trusted'),
    says: ['no browser probe "browser-trusted"'],
  },
  {
    name: 'there was no control',
    mutate: (evidence) => forgetProbe(evidence, 'browser-control'),
    says: ['no browser probe "browser-control"'],
  },
  {
    name: 'the browser did not start',
    mutate: (evidence) => {
      const probe = trusted(evidence);
      probe.browser = null;
      probe.outcome = { error: '/usr/bin/chromium did not start: no memory', code: null };
    },
    says: ['should have shown', 'but failed with /usr/bin/chromium did not start: no memory.'],
  },
  {
    name: 'the browser that trusts the root refused the page',
    mutate: (evidence) => {
      trusted(evidence).outcome = { error: 'net::ERR_CERT_DATE_INVALID', code: 'ERR_CERT_DATE_INVALID' };
    },
    says: [`should have shown https://${host}`, 'ERR_CERT_DATE_INVALID'],
  },
  {
    name: 'the browser was missing for one of the two only',
    mutate: (evidence) => {
      trusted(evidence).outcome = { unavailable };
    },
    says: [`"browser-trusted" was not made: ${unavailable}`],
  },
  {
    name: 'the control could not be made',
    mutate: (evidence) => {
      control(evidence).outcome = { unavailable };
    },
    says: [`"browser-control" was not made: ${unavailable}`],
  },
  {
    name: 'the browser trusted nothing and showed the page all the same',
    mutate: (evidence) => {
      trusted(evidence).trust = 'none';
    },
    says: ['should have trusted ca-roots, but trusted none'],
  },
  {
    name: 'another host was opened',
    mutate: (evidence) => {
      trusted(evidence).url = 'https://other.example.test/';
    },
    says: [`should have opened https://${host}, but opened https://other.example.test/`],
  },
  {
    name: 'another port was opened',
    mutate: (evidence) => {
      trusted(evidence).url = `https://${host}:8443/`;
    },
    says: [`should have opened https://${host}, but opened https://${host}:8443/`],
  },
  {
    name: 'the page was opened without TLS',
    mutate: (evidence) => {
      trusted(evidence).url = `http://${host}/`;
    },
    says: [`should have opened https://${host}, but opened http://${host}/`],
  },
  {
    name: 'the page is an error of the gateway',
    mutate: (evidence) => {
      answer(evidence).status = 503;
    },
    says: ['got status 503', 'not 200'],
  },
  {
    name: 'the browser shows no padlock',
    mutate: (evidence) => {
      answer(evidence).securityState = 'neutral';
    },
    says: ['as neutral, not as secure'],
  },
  {
    name: 'the browser was at another address than the gateway',
    mutate: (evidence) => {
      answer(evidence).address = '10.231.0.7';
    },
    says: ["connected to 10.231.0.7, but the gateway's address is 10.231.0.100"],
  },
  {
    name: "the browser's address is not known",
    mutate: (evidence) => {
      answer(evidence).address = null;
    },
    says: ["an address that was not recorded, but the gateway's address is 10.231.0.100"],
  },
  {
    name: "the gateway's address is not known",
    mutate: (evidence) => forgetProbe(evidence, 'tls-trusted'),
    says: ['no TLS probe "tls-trusted", so'],
    alsoRed: ['gateway-serves-the-secret', 'chain-ends-at-the-cas-root'],
  },
  {
    name: 'no Secret was recorded',
    mutate: (evidence) => forget(evidence, 'Secret'),
    says: ['No Secret istio-system/istio-ingressgateway-certs was recorded'],
    alsoRed: ['secret-holds-issued-certificate', 'gateway-serves-the-secret'],
  },
  {
    name: 'the Secret holds no certificate',
    mutate: (evidence) => {
      secretFacts(evidence).certificates = [];
    },
    says: ['holds no certificate in tls.crt'],
    alsoRed: ['secret-holds-issued-certificate', 'gateway-serves-the-secret'],
  },
  {
    name: "the facts of the Secret's leaf are not those of its PEM",
    mutate: (evidence) => {
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf !== undefined) leaf.fingerprintSha256 = '00'.repeat(32);
    },
    says: ['Certificate 1 of tls.crt', 'fingerprint differ'],
    alsoRed: ['secret-holds-issued-certificate', 'gateway-serves-the-secret'],
  },
  {
    name: 'the browser recorded no certificate',
    mutate: (evidence) => {
      answer(evidence).chain = [];
    },
    says: ['recorded no certificate'],
  },
  {
    name: "the facts of the browser's leaf are not those of its PEM",
    mutate: async (evidence) => {
      const [leaf] = answer(evidence).chain;
      if (leaf !== undefined) leaf.pem = (await issueLeaf((await fixtureCa()).foreign, [host])).pem;
    },
    says: ['Certificate 1 of the chain of browser probe "browser-trusted"', 'fingerprint, public key differ'],
  },
  {
    name: "the browser was served another, equally good certificate of the CA's",
    mutate: async (evidence) => {
      const { intermediate, root } = await fixtureCa();
      answer(evidence).chain = [await issueLeaf(intermediate, [host]), intermediate.facts, root.facts];
    },
    says: [`was served "${host}"`, 'but Secret istio-system/istio-ingressgateway-certs holds'],
  },
  {
    name: 'the certificate is for another host',
    mutate: (evidence) => serve(evidence, ['other.example.test']),
    says: [`certificate is for other.example.test, not for ${host}`],
    alsoRed: ['secret-holds-issued-certificate', 'chain-ends-at-the-cas-root'],
  },
  {
    name: 'the certificate had expired when it was shown',
    // At the time of the TLS probe, and before the browser's.
    mutate: (evidence) => serve(evidence, [host], '2026-11-24T09:00:28.000Z'),
    says: ['to 2026-11-24T09:00:28.000Z, not when it was shown (2026-11-24T09:00:28.600Z)'],
  },
  {
    name: "the browser shows another end of validity than its chain's leaf has",
    mutate: (evidence) => {
      answer(evidence).validTo = '2036-11-24T09:00:00.000Z';
    },
    says: ['to 2036-11-24T09:00:00.000Z, but its chain'],
  },
  {
    name: "the browser shows another begin of validity than its chain's leaf has",
    mutate: (evidence) => {
      answer(evidence).validFrom = '2016-11-24T09:00:00.000Z';
    },
    says: ['from 2016-11-24T09:00:00.000Z to'],
  },
  {
    name: "the browser shows another issuer than its chain's leaf has",
    mutate: (evidence) => {
      answer(evidence).issuer = 'Foreign Root CA';
    },
    says: ['shows "Foreign Root CA" as the issuer, but the leaf of its chain names "Pebble Intermediate CA 51b0d2"'],
  },
  {
    name: "the browser's chain is the leaf alone",
    mutate: (evidence) => {
      answer(evidence).chain.splice(1);
    },
    says: ['second certificate', 'which is missing, did not issue the first'],
  },
  {
    name: "the second certificate of the browser's chain did not issue the first",
    mutate: (evidence) => {
      answer(evidence).chain.splice(1, 1);
    },
    says: ['second certificate', '"CN=Pebble Root CA 7a1c3e"', 'did not issue the first'],
  },
  {
    name: "the CA's roots are not known",
    mutate: (evidence) => {
      evidence.ca.roots = [];
    },
    says: ['ca.roots is empty', '--ca-root'],
    alsoRed: ['backend-answers', 'chain-ends-at-the-cas-root'],
  },
  {
    name: "the facts of the CA's root are not those of its PEM",
    mutate: (evidence) => {
      const [root] = evidence.ca.roots;
      if (root !== undefined) root.publicKeySha256 = '00'.repeat(32);
    },
    says: ["Certificate 1 of the CA's roots", 'public key differ'],
    alsoRed: ['chain-ends-at-the-cas-root'],
  },
  {
    name: 'the control showed the page: the browser trusts more than it was given',
    mutate: (evidence) => {
      control(evidence).outcome = { ...answer(evidence) };
    },
    says: ['trusts no root should refuse', 'showed it with status 200'],
  },
  {
    name: 'the control failed for another reason',
    mutate: (evidence) => {
      control(evidence).outcome = { error: 'net::ERR_CONNECTION_REFUSED', code: 'ERR_CONNECTION_REFUSED' };
    },
    says: ['control proves nothing', 'failed with ERR_CERT_AUTHORITY_INVALID, but failed with', 'REFUSED'],
  },
  {
    name: 'the control failed without a code',
    mutate: (evidence) => {
      control(evidence).outcome = { error: 'mentions ERR_CERT_AUTHORITY_INVALID', code: null };
    },
    says: ['control proves nothing'],
  },
  {
    name: 'the control trusted the root',
    mutate: (evidence) => {
      control(evidence).trust = 'ca-roots';
    },
    says: ['"browser-control" should have trusted none, but trusted ca-roots'],
  },
  {
    name: 'the control opened another page',
    mutate: (evidence) => {
      control(evidence).url = 'https://other.example.test/';
    },
    says: [`"browser-control" should have opened https://${host}`],
  },
  {
    name: 'both are wrong',
    mutate: (evidence) => {
      answer(evidence).securityState = 'insecure';
      forgetProbe(evidence, 'browser-control');
    },
    says: ['as insecure, not as secure. The evidence has no browser probe "browser-control".'],
  },
]);

describe('without a browser', () => {
  test('is skipped with the reason', async () => {
    const evidence = await goodEvidence();
    for (const probe of [trusted(evidence), control(evidence)]) {
      probe.browser = null;
      probe.outcome = { unavailable };
    }
    expect(verdictOf(browserShowsPadlock, evidence)).toEqual({
      result: 'skipped',
      message: `No browser was available: ${unavailable}`,
    });
    const others = goodPathChecks.map(({ id }) => id).filter((id) => id !== browserShowsPadlock.id);
    expect(judge(evidence, others).every(({ result }) => result === 'passed')).toBe(true);
  });

  test('is skipped if the control was not tried', async () => {
    const evidence = await goodEvidence();
    trusted(evidence).outcome = { unavailable };
    forgetProbe(evidence, 'browser-control');
    expect(verdictOf(browserShowsPadlock, evidence)).toMatchObject({ result: 'skipped' });
  });
});

test('takes a host name in any case, as a URL does', async () => {
  const evidence = await goodEvidence();
  evidence.subject.host = host.toUpperCase();
  expect(verdictOf(browserShowsPadlock, evidence)).toMatchObject({ result: 'passed' });
});

test('says how often the browser looked again because the network changed', async () => {
  const evidence = await goodEvidence();
  trusted(evidence).networkChanges = 1;
  expect(verdictOf(browserShowsPadlock, evidence)).toMatchObject({
    result: 'passed',
    message: expect.stringMatching(/machine changed once meanwhile, so the browser looked again\.$/),
  });
  control(evidence).networkChanges = 2;
  expect(verdictOf(browserShowsPadlock, evidence).message).toContain('changed 3 times meanwhile');
});
