import { setTimeout as delay } from 'node:timers/promises';
import { certificateFacts } from '../../evidence/certificate-facts.ts';
import type { HttpProbe, Probe, TlsProbe } from '../../evidence/evidence.ts';
import { probeNames, txtProbeName } from '../../evidence/probe-names.ts';
import { asChallenge, type ChallengeObject, challengeResource } from '../../kube/cert-manager-objects.ts';
import type { ScenarioContext } from './context.ts';
import { lookAtComponents } from './look-at-components.ts';
import { readSecretUnderTest } from './secret-under-test.ts';
import { within } from './time-limits.ts';
import { isForHost } from './waits.ts';

const challengePrefix = '/.well-known/acme-challenge/';

/**
 * Waits until port 80 of the host answers as the scenario expects: the gateway learns its routes without telling anyone.
 *
 * @throws Error at the limit
 */
export async function probeUntilApplicationAnswers(context: ScenarioContext): Promise<void> {
  const name = probeNames.applicationBefore;
  const redirects = context.subject.expects?.http === 'redirect';
  const isExpected = (status: number) => (redirects ? status >= 300 && status < 400 : status === 200);
  const probe = await probeUntil(
    context,
    () => http(context, name, `http://${context.subject.host}/get?padlock=${name}`, 'none'),
    ({ outcome }) => 'status' in outcome && isExpected(outcome.status),
    within.application,
  );
  context.keep(probe);
  if ('error' in probe.outcome || !isExpected(probe.outcome.status)) {
    throw new Error(
      `port 80 did not answer as expected (${redirects ? 'a redirect' : '200'}) within ${within.application} ms: ${JSON.stringify(probe.outcome)}`,
    );
  }
}

/** Probes a path below the challenge prefix that belongs to no Challenge, to find its route before there is a Challenge. */
export async function probeChallengePath(context: ScenarioContext): Promise<void> {
  const url = `http://${context.subject.host}${challengePrefix}padlock-probe`;
  context.keep(await http(context, probeNames.challengePathBefore, url, 'none'));
}

/**
 * Probes a path that no Challenge has after the issuance. The gateway writes its access log late: once this request is in it,
 * those of the CA are too.
 */
export async function probeChallengePathAfter(context: ScenarioContext): Promise<void> {
  if (context.gatewayAddress === null) return;
  const url = `http://${context.subject.host}${challengePrefix}padlock-probe-after`;
  context.keep(await http(context, probeNames.challengePathAfter, url, 'none'));
}

/** Probes the path of each Challenge that waits now. */
export async function probeRecordedChallengePath(context: ScenarioContext): Promise<void> {
  for (const { spec } of await challengesOfHost(context)) {
    if (spec?.token === undefined) continue;
    const url = `http://${context.parts.names.host}${challengePrefix}${spec.token}`;
    context.keep(await http(context, probeNames.challengePathWhileWaiting, url, 'none'));
  }
}

/** Probes for leftover TXT records of DNS-01 Challenges. */
export async function probeTxtRecords(context: ScenarioContext): Promise<void> {
  const { environment, outside } = context.parts;
  for (const host of context.addressableHosts) {
    const probe = await outside.dns({
      name: txtProbeName(host),
      servers: [...environment.nameServers],
      host: `_acme-challenge.${host}`,
      type: 'TXT',
      withinMs: within.request,
    });
    context.keep(probe);
  }
}

/**
 * Waits until the host is served a certificate on port 443 and answers there.
 *
 * @throws Error at the limit
 */
export async function probeUntilServed(context: ScenarioContext): Promise<void> {
  const name = probeNames.servedFirst;
  const probe = await probeUntil(
    context,
    () => http(context, name, `https://${context.subject.host}/get?padlock=${name}`, 'ca-roots'),
    ({ outcome }) => 'status' in outcome && outcome.status === 200,
    within.served,
  );
  context.keep(probe);
  if (!('status' in probe.outcome) || probe.outcome.status !== 200)
    throw new Error(`port 443 did not answer 200 within ${within.served} ms: ${JSON.stringify(probe.outcome)}`);
}

/** A request for a path of the application over HTTPS, and the status that it must get. */
interface ApplicationRequest {
  readonly name: string;
  readonly path: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks the application over HTTPS until it answers with a status; the last answer is the evidence either way. */
export async function probeApplicationUntil(
  context: ScenarioContext,
  { name, path, status, headers }: ApplicationRequest,
): Promise<void> {
  const url = `https://${context.subject.host}${path}?padlock=${name}`;
  const probe = await probeUntil(
    context,
    () => http(context, name, url, 'ca-roots', headers),
    ({ outcome }) => 'status' in outcome && outcome.status === status,
    within.served,
  );
  context.keep(probe);
}

/** A request for another site that the gateway serves. */
interface OtherSiteRequest {
  readonly name: string;
  readonly host: string;
  /** Whether it goes over a connection that was made for the scenario's host, as browsers do by HTTP/2 (RFC 9113 section 9.1.1). */
  readonly coalesced?: boolean;
  /** What it waits for; absent to take the first answer. */
  readonly status?: number;
}

/** Asks another site over HTTPS until it answers with a status; the last answer is the evidence either way. */
export async function probeAnotherHostUntil(
  context: ScenarioContext,
  { name, host, coalesced = false, status }: OtherSiteRequest,
): Promise<void> {
  const probe = await probeUntil(
    context,
    () =>
      context.parts.outside.http({
        name,
        url: `https://${host}/get?padlock=${name}`,
        address: addressOfGateway(context),
        ...(coalesced ? { serverName: context.subject.host } : {}),
        trust: 'ca-roots',
        roots: rootsOf(context, 'ca-roots'),
        withinMs: within.request,
      }),
    ({ outcome }) => 'status' in outcome && (status === undefined || outcome.status === status),
    within.served,
  );
  context.keep(probe);
}

/**
 * Waits until the host is served the leaf that the Secret has.
 *
 * @throws Error at the limit
 */
export async function probeUntilSecretIsServed(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.secret;
  const { leaf } = await readSecretUnderTest(context);
  if (leaf === null) throw new Error(`Secret ${namespace}/${name} has no certificate`);
  const { fingerprintSha256, serialNumber } = certificateFacts(leaf);
  const isServed = ({ outcome }: TlsProbe) =>
    'chain' in outcome && outcome.chain[0]?.fingerprintSha256 === fingerprintSha256;
  const probe = await probeUntil(
    context,
    () => tls(context, probeNames.secretServed, 'ca-roots'),
    isServed,
    within.caughtUp,
  );
  context.keep(probe);
  if (!isServed(probe)) throw new Error(`the leaf ${serialNumber} was not served within ${within.caughtUp} ms`);
}

/**
 * Probes what the gateway serves once it has the certificate: a handshake that trusts the CA's roots, one that trusts a foreign
 * root as its control, the application over HTTPS, plain HTTP, and the page in a browser.
 *
 * @param page whether a request without a client certificate is to get an answer
 */
export async function probeServedCertificate(
  context: ScenarioContext,
  { page = 'shown' }: { readonly page?: 'shown' | 'refused' } = {},
): Promise<void> {
  if (context.gatewayAddress === null) return;
  const { host } = context.subject;
  const { tlsForeignRoot, httpsApplication, httpApplicationAfter } = probeNames;
  const trusted = await untilServed(context);
  context.keep(trusted);
  context.keep(
    ...(await Promise.all([
      tls(context, tlsForeignRoot, 'foreign-root'),
      probeUntil(
        context,
        () => http(context, httpsApplication, `https://${host}/get?padlock=${httpsApplication}`, 'ca-roots'),
        ({ outcome }) => 'status' in outcome && outcome.status === 200,
        // The gateway may have the certificate a moment before the routes of that port.
        'chain' in trusted.outcome && page === 'shown' ? within.served : 0,
      ),
      http(context, httpApplicationAfter, `http://${host}/get?padlock=${httpApplicationAfter}`, 'none'),
    ])),
  );
  // Without a certificate there is no page.
  if (!context.endedEarly && page === 'shown') await openInBrowser(context);
}

/**
 * Probes the certificate that the gateway serves, where no application is behind it: the two handshakes alone, once it is the one
 * in the Secret.
 */
export async function probeServedChain(context: ScenarioContext): Promise<void> {
  if (context.gatewayAddress === null) return;
  const { leaf } = await readSecretUnderTest(context);
  const wanted = leaf === null ? undefined : certificateFacts(leaf).fingerprintSha256;
  const trusted = await untilServed(context, (served) => wanted === undefined || served === wanted);
  context.keep(trusted, await tls(context, probeNames.tlsForeignRoot, 'foreign-root'));
}

/** Waits until another gateway serves a certificate for the host, at its own address; the last handshake is the evidence. */
export async function probeSecondGateway(context: ScenarioContext, address: string): Promise<void> {
  const probe = await probeUntil(
    context,
    () => tls(context, probeNames.tlsSecondGateway, 'ca-roots', address),
    ({ outcome }) => 'chain' in outcome,
    within.served,
  );
  context.keep(probe);
}

/** The handshake that trusts the CA's roots, once there is a certificate with the right fingerprint. */
async function untilServed(context: ScenarioContext, isRight = (_: string) => true): Promise<TlsProbe> {
  return await probeUntil(
    context,
    () => tls(context, probeNames.tlsTrusted, 'ca-roots'),
    ({ outcome }) =>
      'chain' in outcome && outcome.chain[0] !== undefined && isRight(outcome.chain[0].fingerprintSha256),
    context.endedEarly ? 0 : within.served,
  );
}

/** Opens the host in a browser that trusts the CA's roots alone and, as a control, in one that trusts no root. */
async function openInBrowser(context: ScenarioContext): Promise<void> {
  const { browser, environment } = context.parts;
  const { caRoots } = context;
  if (browser === null) return;
  const common = {
    url: `https://${context.subject.host}/`,
    withinMs: within.browser,
    scratch: environment.scratchOutside,
  };
  const { browserTrusted, browserControl } = probeNames;
  const [trusted, control] = await context.waiting('the browser to show the page', within.browser, () =>
    Promise.all([
      browser.open({ ...common, name: browserTrusted, trust: 'ca-roots', roots: [...caRoots], screenshot: true }),
      browser.open({ ...common, name: browserControl, trust: 'none', roots: [], screenshot: false }),
    ]),
  );
  context.keep(trusted.probe, control.probe);
  context.picture = trusted.screenshot;
}

/**
 * For a scenario that did not pass: probes the host's addresses and, for HTTP-01, the answer of its challenge path; the CA's directory;
 * and looks at what must run.
 */
export async function probeForDiagnosis(context: ScenarioContext): Promise<void> {
  await Promise.all([probeChallengeForDiagnosis(context), probeDirectory(context), lookAtComponents(context)]);
}

/** Asks for the CA's directory, as cert-manager does before anything else; not where its root is one of the system's. */
async function probeDirectory(context: ScenarioContext): Promise<void> {
  const { environment, outside } = context.parts;
  if (context.directoryCa === '') return;
  const { hostname } = new URL(context.ca.directoryUrl);
  const { outcome } = await outside.dns({
    name: probeNames.diagnosisDns,
    servers: [...environment.nameServers],
    host: hostname,
    type: 'A',
    withinMs: within.request,
  });
  const address = 'records' in outcome ? outcome.records[0] : undefined;
  if (address === undefined) return;
  const probe = await outside.http({
    name: probeNames.diagnosisDirectory,
    url: context.ca.directoryUrl,
    address,
    trust: 'ca-roots',
    roots: [context.directoryCa],
    withinMs: within.request,
  });
  context.keep(probe);
}

async function probeChallengeForDiagnosis(context: ScenarioContext): Promise<void> {
  const { environment, outside } = context.parts;
  const { host, solver } = context.subject;
  const dns = await outside.dns({
    name: probeNames.diagnosisDns,
    servers: [...environment.nameServers],
    host,
    type: 'A',
    withinMs: within.request,
  });
  context.keep(dns);
  if (solver === 'dns01') return;
  const address = 'records' in dns.outcome ? dns.outcome.records[0] : undefined;
  if (address === undefined) return;
  const token = (await challengesOfHost(context)).find(({ spec }) => spec?.token !== undefined)?.spec?.token;
  if (token === undefined) return;
  const probe = await outside.http({
    name: probeNames.diagnosisChallengePath,
    url: `http://${host}${challengePrefix}${token}`,
    address,
    trust: 'none',
    roots: [],
    withinMs: within.request,
  });
  context.keep(probe);
}

async function challengesOfHost(context: ScenarioContext): Promise<readonly ChallengeObject[]> {
  const { namespace } = context.subject.certificate;
  const challenges = await context.kube.list({ ...challengeResource, namespace });
  return challenges.filter((challenge) => isForHost(context, challenge)).flatMap((each) => asChallenge(each) ?? []);
}

function addressOfGateway({ gatewayAddress }: ScenarioContext): string {
  if (gatewayAddress === null) throw new Error('the gateway has no address yet');
  return gatewayAddress;
}

function rootsOf({ parts, caRoots }: ScenarioContext, trust: TlsProbe['trust']): string[] {
  return trust === 'ca-roots' ? [...caRoots] : [parts.foreignRoot];
}

function http(
  context: ScenarioContext,
  name: string,
  url: string,
  trust: 'none' | 'ca-roots',
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpProbe> {
  return context.parts.outside.http({
    name,
    url,
    headers: { ...headers },
    address: addressOfGateway(context),
    trust,
    roots: trust === 'none' ? [] : rootsOf(context, trust),
    withinMs: within.request,
  });
}

function tls(
  context: ScenarioContext,
  name: string,
  trust: TlsProbe['trust'],
  address = addressOfGateway(context),
): Promise<TlsProbe> {
  return context.parts.outside.tls({
    name,
    address,
    port: 443,
    serverName: context.subject.host,
    trust,
    roots: rootsOf(context, trust),
    withinMs: within.request,
  });
}

/** Probes until one satisfies, or until the limit; the last probe is the evidence either way. */
async function probeUntil<Seen extends Probe>(
  context: ScenarioContext,
  probe: () => Promise<Seen>,
  satisfies: (seen: Seen) => boolean,
  withinMs: number,
): Promise<Seen> {
  const { signal, onWait, onWaited } = context.parts;
  const deadline = Date.now() + withinMs;
  let what = '';
  try {
    for (;;) {
      signal.throwIfAborted();
      const seen = await probe();
      if (satisfies(seen) || Date.now() > deadline) return seen;
      what = `${seen.name} to succeed`;
      onWait(what, withinMs);
      await delay(100, undefined, { signal });
    }
  } finally {
    onWaited(what);
  }
}
