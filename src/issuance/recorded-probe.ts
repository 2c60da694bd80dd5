import type {
  BrowserProbe,
  Evidence,
  HttpProbe,
  OpenConnectionProbe,
  TlsProbe,
  TlsSeriesProbe,
} from '../evidence/evidence.ts';

type Answer<Outcome> = Exclude<Outcome, { error: string }>;
export type HttpAnswer = Answer<HttpProbe['outcome']>;
export type TlsAnswer = Answer<TlsProbe['outcome']>;
export type BrowserAnswer = Extract<BrowserProbe['outcome'], { status: unknown }>;

/** The last HTTP probe of a name. */
export function httpProbe(evidence: Evidence, name: string): HttpProbe | undefined {
  return evidence.probes.filter((probe) => probe.kind === 'http').findLast((probe) => probe.name === name);
}

/** The last TLS probe of a name. */
export function tlsProbe(evidence: Evidence, name: string): TlsProbe | undefined {
  return evidence.probes.filter((probe) => probe.kind === 'tls').findLast((probe) => probe.name === name);
}

/** The last browser probe of a name. */
export function browserProbe(evidence: Evidence, name: string): BrowserProbe | undefined {
  return evidence.probes.filter((probe) => probe.kind === 'browser').findLast((probe) => probe.name === name);
}

/** The last series of TLS connections of a name. */
export function tlsSeries(evidence: Evidence, name: string): TlsSeriesProbe | undefined {
  return evidence.probes.filter((probe) => probe.kind === 'tls-series').findLast((probe) => probe.name === name);
}

/** The last probe of a name that kept a connection open. */
export function openConnection(evidence: Evidence, name: string): OpenConnectionProbe | undefined {
  return evidence.probes.filter((probe) => probe.kind === 'open-connection').findLast((probe) => probe.name === name);
}

/** The parts of a probe's URL, or null if it is invalid. */
export function urlOf(probe: HttpProbe | BrowserProbe): URL | null {
  return URL.parse(probe.url);
}

/** The error of a probe that got no answer, for a message. */
export function describeError(outcome: { error: string; code: string | null }): string {
  return outcome.code === null ? outcome.error : `${outcome.error} (${outcome.code})`;
}
