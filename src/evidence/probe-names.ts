/**
 * The names of the probes in the evidence. Scenarios and traces write them; checks, the reading of an issuance and the rules of
 * a diagnosis look for them. A name is part of the published evidence: once released it stays.
 */
export const probeNames = {
  /** The root of the CA, fetched before any scenario; it is in no evidence. */
  caRoot: 'ca-root',
  /** Plain HTTP on port 80 before the Issuer is applied. */
  applicationBefore: 'application-before',
  /** A path below the challenge prefix that no Challenge has, before the Issuer is applied. */
  challengePathBefore: 'challenge-path-before',
  /** The path of the Challenge that waits at that moment. */
  challengePathWhileWaiting: 'challenge-path-while-waiting',
  /** A path below the challenge prefix that no Challenge has, after the issuance. */
  challengePathAfter: 'challenge-path-after',
  /** A TLS handshake that trusts the CA's roots. */
  tlsTrusted: 'tls-trusted',
  /** The control of `tls-trusted`: it trusts only a root that signed nothing here. */
  tlsForeignRoot: 'tls-foreign-root',
  /** A TLS handshake with a second gateway that serves the same Secret. */
  tlsSecondGateway: 'tls-second-gateway',
  /** The application over HTTPS. */
  httpsApplication: 'https-application',
  /** Plain HTTP on port 80 after the certificate is served. */
  httpApplicationAfter: 'http-application-after',
  /** A browser that trusts the CA's roots. */
  browserTrusted: 'browser-trusted',
  /** The control of `browser-trusted`: a browser that trusts no root. */
  browserControl: 'browser-control',
  /** The application over HTTPS, once the first certificate is served. */
  servedFirst: 'served-first',
  /** A TLS handshake, once the leaf of the Secret is served. */
  secretServed: 'secret-served',
  /** A new TLS connection every 20 ms, while certificates change. */
  handshakes: 'handshakes',
  /** One HTTP/2 connection that stays open, while certificates change. */
  openConnection: 'open-connection',
  /** The application over HTTPS, where the gateway demands a token: without one, with one of somebody else, with the right one. */
  withoutToken: 'without-token',
  withForeignToken: 'with-foreign-token',
  withToken: 'with-token',
  /** Another site of the same wildcard over HTTPS: on a connection of its own, and on that of the host while each has a Gateway, and both one. */
  otherSite: 'other-site',
  coalescedTwoGateways: 'coalesced-two-gateways',
  coalescedOneGateway: 'coalesced-one-gateway',
  /** The CNAME at the name of a Challenge's TXT record. */
  challengeAlias: 'challenge-alias',
  /** For a diagnosis: the address of the host. */
  diagnosisDns: 'diagnosis-dns',
  /** For a diagnosis: what the path of the Challenge answers. */
  diagnosisChallengePath: 'diagnosis-challenge-path',
  /** For a diagnosis: the CA's directory, with the root of its own certificate trusted. */
  diagnosisDirectory: 'diagnosis-directory',
  /** For a diagnosis: what port 443 of the host serves. */
  diagnosisTls: 'diagnosis-tls',
} as const;

/** The user agent of every HTTP probe, by which logs tell Padlock's own requests from those of others. */
export const probeUserAgent = 'padlock-probe';

/** The name of the probe for the TXT records that are left of a host's DNS-01 Challenge. */
export function txtProbeName(host: string): string {
  return `txt-after-${host}`;
}
