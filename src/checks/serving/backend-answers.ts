import type { AccessLogEntry, Evidence, HttpProbe } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { applicationCluster, describeEntries, requestsThroughGateway } from '../../issuance/gateway-requests.ts';
import { texts } from '../../issuance/recorded-object.ts';
import { describeError, httpProbe, urlOf } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';

/** How far the gateway's clock and the prober's may differ, in ms, for an entry to be taken for a probe's. */
const clockToleranceMs = 5_000;

interface Expectation {
  readonly probe: string;
  readonly protocol: 'http:' | 'https:';
  readonly port: string;
  readonly trust: HttpProbe['trust'];
  readonly httpVersion: '2' | null;
}

const expectations: readonly Expectation[] = [
  { probe: probeNames.httpsApplication, protocol: 'https:', port: '443', trust: 'ca-roots', httpVersion: '2' },
  { probe: probeNames.httpApplicationAfter, protocol: 'http:', port: '80', trust: 'none', httpVersion: null },
];

/** The use case's end: the application behind the gateway, over HTTPS and still over HTTP. */
export const backendAnswers: Check = {
  id: 'backend-answers',
  asserts: 'The application answers through the gateway over HTTPS (HTTP/2, by ALPN) and still over HTTP on port 80.',
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const taken = new Set<AccessLogEntry>();
    const findings = expectations.map((expectation) => probeFinding(evidence, expectation, taken));
    const defects = findings.flatMap((finding) => finding.defect ?? []);
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(findings.map((finding) => finding.seen).join(' '));
  },
};

/** Judges one probe; `taken` holds the access-log entries that already stand for another probe. */
function probeFinding(
  evidence: Evidence,
  expectation: Expectation,
  taken: Set<AccessLogEntry>,
): { seen: string; defect: string | null } {
  const wrong = (defect: string) => ({ seen: '', defect });
  const { host } = evidence.subject;
  const probe = httpProbe(evidence, expectation.probe);
  if (probe === undefined) return wrong(`The evidence has no HTTP probe "${expectation.probe}".`);
  const named = `HTTP probe "${expectation.probe}" of ${probe.url}`;
  const url = urlOf(probe);
  if (url === null) return wrong(`${named} has no valid URL.`);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (url.protocol !== expectation.protocol || url.hostname !== host.toLowerCase() || port !== expectation.port) {
    return wrong(`${named} should have asked ${expectation.protocol}//${host} on port ${expectation.port}.`);
  }
  if (probe.trust !== expectation.trust) {
    return wrong(`${named} should have trusted ${expectation.trust}, but trusted ${probe.trust}.`);
  }
  if ('error' in probe.outcome) {
    return wrong(`${named} should have been answered 200, but ended in ${describeError(probe.outcome)}.`);
  }
  const { status, httpVersion, body } = probe.outcome;
  if (status !== 200) return wrong(`${named} should have been answered 200, but was answered ${status}.`);
  if (expectation.httpVersion !== null && httpVersion !== expectation.httpVersion) {
    return wrong(`${named} should have spoken HTTP/${expectation.httpVersion}, but spoke HTTP/${httpVersion}.`);
  }
  if (!isHttpbinAnswer(body, host)) {
    return wrong(
      `${named} was answered ${status}, but not by go-httpbin: the body neither echoes a request for ${host} nor names go-httpbin; it begins ${JSON.stringify(body.slice(0, 80))}.`,
    );
  }

  const requests = requestsThroughGateway(evidence, host).filter(
    (entry) =>
      entry.path === `${url.pathname}${url.search}` &&
      distanceMs(entry, probe) <= clockToleranceMs &&
      !taken.has(entry),
  );
  const cluster = applicationCluster(evidence);
  const entry = requests
    .filter((request) => request.upstreamCluster === cluster && request.status === status)
    .toSorted((one, other) => distanceMs(one, probe) - distanceMs(other, probe))[0];
  if (entry === undefined) {
    const seen = requests.length === 0 ? 'it has no such request at that time' : `it has ${describeEntries(requests)}`;
    return wrong(
      `The access log should show that ${named} (${probe.at}) was answered 200 from ${cluster}, but ${seen}.`,
    );
  }
  taken.add(entry);
  return {
    seen: `${probe.url} was answered ${status} over HTTP/${httpVersion} by go-httpbin at ${entry.upstreamHost ?? 'an unrecorded address'} (${cluster}).`,
    defect: null,
  };
}

/** How far an entry lies from the time that a probe took, in ms; 0 within it. */
function distanceMs(entry: AccessLogEntry, probe: HttpProbe): number {
  const start = Date.parse(probe.at);
  const at = Date.parse(entry.at);
  return Math.max(start - at, at - (start + probe.durationMs), 0);
}

/** Whether go-httpbin wrote a body: it echoes the request's headers as JSON, values in lists, or names itself on its pages. */
function isHttpbinAnswer(body: string, host: string): boolean {
  if (body.includes('go-httpbin')) return true;
  let echo: unknown;
  try {
    echo = JSON.parse(body);
  } catch {
    return false;
  }
  const hosts = texts(echo, 'headers', 'Host').map((name) => name.toLowerCase());
  return hosts.includes(host.toLowerCase());
}
