import type { AccessLogEntry, Evidence, HttpProbe } from '../../evidence/evidence.ts';
import { applicationCluster, describeEntries, requestsThroughGateway } from '../../issuance/gateway-requests.ts';
import { texts } from '../../issuance/recorded-object.ts';
import { describeError, type HttpAnswer, httpProbe, urlOf } from '../../issuance/recorded-probe.ts';

/** The tolerated clock difference between gateway and prober, in ms, when an access log entry is matched to a probe. */
const clockToleranceMs = 5_000;

/** The request that a check expects of a probe. */
export interface Asked {
  readonly probe: string;
  readonly protocol: 'http:' | 'https:';
  readonly port: string;
  readonly trust: HttpProbe['trust'];
}

/** A probe that made the expected request and was answered. */
export interface AnsweredProbe {
  /** Names the probe in a message. */
  readonly named: string;
  readonly probe: HttpProbe;
  readonly url: URL;
  readonly answer: HttpAnswer;
}

/** Finds the probe, or explains in one sentence why there is no answer to judge. */
export function answeredProbe(evidence: Evidence, asked: Asked): AnsweredProbe | string {
  const { host } = evidence.subject;
  const probe = httpProbe(evidence, asked.probe);
  if (probe === undefined) return `The evidence has no HTTP probe "${asked.probe}".`;
  const named = `HTTP probe "${asked.probe}" of ${probe.url}`;
  const url = urlOf(probe);
  if (url === null) return `${named} has no valid URL.`;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (url.protocol !== asked.protocol || url.hostname !== host.toLowerCase() || port !== asked.port) {
    return `${named} should have asked ${asked.protocol}//${host} on port ${asked.port}.`;
  }
  if (probe.trust !== asked.trust) {
    return `${named} should have trusted ${asked.trust}, but trusted ${probe.trust}.`;
  }
  if ('error' in probe.outcome) {
    return `${named} should have been answered, but ended in ${describeError(probe.outcome)}.`;
  }
  return { named, probe, url, answer: probe.outcome };
}

/** The access log entries that show who answered a probe: requests for its path, at its time. */
export function requestsOf(evidence: Evidence, { probe, url }: AnsweredProbe): readonly AccessLogEntry[] {
  return requestsThroughGateway(evidence, evidence.subject.host)
    .filter((entry) => entry.path === `${url.pathname}${url.search}` && distanceMs(entry, probe) <= clockToleranceMs)
    .toSorted((one, other) => distanceMs(one, probe) - distanceMs(other, probe));
}

/** Whether the application answered a probe with 200: what was seen, or the defect in a sentence. */
export function applicationAnswer(
  evidence: Evidence,
  asked: Asked,
  httpVersion: '2' | null,
): { readonly seen: string } | { readonly defect: string } {
  const { host } = evidence.subject;
  const found = answeredProbe(evidence, asked);
  if (typeof found === 'string') return { defect: found };
  const { named, probe, answer } = found;
  const { status, body } = answer;
  if (status !== 200) return { defect: `${named} should have been answered 200, but was answered ${status}.` };
  if (httpVersion !== null && answer.httpVersion !== httpVersion) {
    return { defect: `${named} should have spoken HTTP/${httpVersion}, but spoke HTTP/${answer.httpVersion}.` };
  }
  if (!isHttpbinAnswer(body, host)) {
    return {
      defect: `${named} was answered ${status}, but not by go-httpbin: the body neither echoes a request for ${host} nor names go-httpbin; it begins ${JSON.stringify(body.slice(0, 80))}.`,
    };
  }
  const requests = requestsOf(evidence, found);
  const cluster = applicationCluster(evidence);
  const entry = requests.find((request) => request.upstreamCluster === cluster && request.status === status);
  if (entry === undefined && evidence.accessLogMissing !== undefined) {
    return {
      seen: `${probe.url} was answered ${status} over HTTP/${answer.httpVersion} by go-httpbin. The access log does not show from where (${evidence.accessLogMissing.detail}).`,
    };
  }
  if (entry === undefined) {
    const seen = requests.length === 0 ? 'it has no such request at that time' : `it has ${describeEntries(requests)}`;
    return {
      defect: `The access log should show that ${named} (${probe.at}) was answered 200 from ${cluster}, but ${seen}.`,
    };
  }
  return {
    seen: `${probe.url} was answered ${status} over HTTP/${answer.httpVersion} by go-httpbin at ${entry.upstreamHost ?? 'an unrecorded address'} (${cluster}).`,
  };
}

/** The distance of an entry from the duration of a probe, in ms; 0 within it. */
function distanceMs(entry: AccessLogEntry, probe: HttpProbe): number {
  const start = Date.parse(probe.at);
  const at = Date.parse(entry.at);
  return Math.max(start - at, at - (start + probe.durationMs), 0);
}

/** Whether go-httpbin wrote a body: it echoes the request's headers as JSON with values in lists, or its pages name it. */
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
