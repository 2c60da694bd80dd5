/** A report, or a state that people ask about, that was staged on a cell. */
export interface Tried {
  /** What was staged, a noun phrase. */
  readonly what: string;
  /** `owner/repository#number` on GitHub. */
  readonly reports: readonly string[];
  /** The fault that came of it; or what was seen instead, one sentence, where nothing is wrong on these versions. */
  readonly outcome: { readonly fault: string } | { readonly seen: string };
  /** The day, ISO 8601. */
  readonly on: string;
}

/** The versions on which everything here was tried. */
export const triedOn =
  'Kubernetes 1.37.2, Istio 1.31 snapshot with upstream Envoy 1.40, cert-manager 1.21.2, Pebble 2.10.1';

/** What was tried, and what came of it. */
export const tried: readonly Tried[] = [
  {
    what: 'an IngressClass that is created after istiod has started, while the Challenge waits',
    reports: ['istio/istio#45752'],
    outcome: { seen: 'The self-check gets 404 until the class is there; 13 s later the certificate is issued.' },
    on: '2026-11-28',
  },
  {
    what: 'a gateway whose label istio is not the one that the Ingress controller selects, as the gateway chart of Helm makes it',
    reports: ['istio/istio#37329'],
    outcome: { fault: 'second-gateway' },
    on: '2026-11-28',
  },
  {
    what: "a VirtualService of the application for all names of the domain, while the solver's Ingress has the exact one",
    reports: ['istio/istio#20680'],
    outcome: { seen: "The solver's route wins; the certificate is issued." },
    on: '2026-11-28',
  },
  {
    what: 'a VirtualService that redirects the host to another name',
    reports: [],
    outcome: { seen: "The solver's route wins; the certificate is issued." },
    on: '2026-11-28',
  },
  {
    what: 'an HTTPRoute of the application that redirects the host to HTTPS, on the Gateway of the solver',
    reports: [],
    outcome: { seen: "The solver's route has the longer path and wins; the certificate is issued." },
    on: '2026-11-28',
  },
  {
    what: 'a Gateway that redirects the very host',
    reports: ['istio/istio#27643'],
    outcome: { fault: 'redirect-same-host' },
    on: '2026-11-28',
  },
  {
    what: 'a credentialName that no Secret has',
    reports: ['istio/istio#32665'],
    outcome: { fault: 'missing-secret' },
    on: '2026-11-28',
  },
  {
    what: 'a parentRef twice, from Issuer and annotation',
    reports: ['cert-manager/cert-manager#8634', 'cert-manager/cert-manager#8611'],
    outcome: { fault: 'same-parent-twice' },
    on: '2026-11-28',
  },
  {
    what: 'a parentRef to a Gateway that does not exist',
    reports: ['cert-manager/cert-manager#7890'],
    outcome: { fault: 'parent-missing' },
    on: '2026-11-28',
  },
  {
    what: 'a parentRef of a kind that does not exist',
    reports: ['cert-manager/cert-manager#7515'],
    outcome: { fault: 'parent-of-another-kind' },
    on: '2026-11-28',
  },
  {
    what: 'a Gateway of a class that does not exist',
    reports: [],
    outcome: { fault: 'gateway-class-of-nobody' },
    on: '2026-11-28',
  },
  {
    what: 'a listener that takes routes of its own namespace, the default',
    reports: [],
    outcome: { fault: 'http-route-not-accepted' },
    on: '2026-11-28',
  },
  {
    what: 'a ListenerSet with a TLS listener alone as the parent, whose Secret is still to be issued',
    reports: ['cert-manager/cert-manager#8748'],
    outcome: { seen: 'It is not accepted (ListenersNotValid), which the verdict http-route-not-accepted says.' },
    on: '2026-11-28',
  },
  {
    what: 'certificateRefs across namespaces',
    reports: ['cert-manager/cert-manager#5610', 'istio/istio#36075'],
    outcome: { fault: 'no-reference-grant' },
    on: '2026-11-28',
  },
  {
    what: 'a namespace that enforces Pod Security restricted',
    reports: ['cert-manager/cert-manager#5338', 'cert-manager/cert-manager#2726', 'cert-manager/cert-manager#4952'],
    outcome: { seen: 'The Pod of the solver satisfies it; the certificate is issued.' },
    on: '2026-11-28',
  },
  {
    what: 'a quota of ephemeral storage, which the solver does not ask for',
    reports: [],
    outcome: { seen: 'The quota takes no part; the certificate is issued.' },
    on: '2026-11-28',
  },
  {
    what: 'STRICT mTLS and an AuthorizationPolicy that allows nothing, in a namespace with injection',
    reports: ['istio/istio#15148'],
    outcome: { seen: 'The solver has no sidecar that would enforce them; the certificate is issued.' },
    on: '2026-11-28',
  },
  {
    what: 'a DestinationRule with mTLS for the solver',
    reports: ['cert-manager/cert-manager#4471'],
    outcome: { fault: 'strict-mtls-solver' },
    on: '2026-11-28',
  },
  {
    what: 'a load balancer that does not speak the PROXY protocol which the gateway expects',
    reports: ['cert-manager/cert-manager#466'],
    outcome: { fault: 'proxy-protocol-expected' },
    on: '2026-11-28',
  },
  {
    what: 'an AAAA record at which nothing answers',
    reports: ['cert-manager/cert-manager#1157'],
    outcome: { fault: 'dead-ipv6-address' },
    on: '2026-11-28',
  },
  {
    what: 'a finalizer that hangs, as the key of the DNS-01 solver is wrong',
    reports: ['cert-manager/cert-manager#1582', 'cert-manager/cert-manager#3474', 'cert-manager/cert-manager#4938'],
    outcome: { fault: 'dns01-wrong-key' },
    on: '2026-11-28',
  },
  {
    what: 'a key of ECDSA with 521 bits',
    reports: [],
    outcome: { seen: 'It is issued and becomes Ready; whether Envoy serves it was not looked at.' },
    on: '2026-11-28',
  },
  {
    what: 'a gateway that is scaled to 0',
    reports: [],
    outcome: { fault: 'gateway-scaled-to-zero' },
    on: '2026-11-28',
  },
  {
    what: 'an admission policy, and a webhook that is gone',
    reports: [],
    outcome: { fault: 'admission-policy-denies' },
    on: '2026-11-28',
  },
  {
    what: 'a VirtualService of the application for /.well-known/, while the solver has an Ingress for the same host',
    reports: ['cert-manager/cert-manager#3429'],
    outcome: { seen: 'Istio puts the routes of Ingresses first; the certificate is issued.' },
    on: '2026-11-28',
  },
  {
    what: 'the same, while the solver has an HTTPRoute on a younger Gateway',
    reports: ['cert-manager/cert-manager#3429'],
    outcome: { fault: 'application-takes-well-known' },
    on: '2026-11-28',
  },
  {
    what: 'a solver that names an Ingress which does not exist',
    reports: [],
    outcome: { seen: 'The verdict solver-not-created says: ingress "site" not found.' },
    on: '2026-11-28',
  },
  {
    what: 'a ServiceAccount for the Pod of the solver that does not exist',
    reports: [],
    outcome: { seen: 'The verdict solver-not-created says: serviceaccount "nobody" not found.' },
    on: '2026-11-28',
  },
  {
    what: 'a Certificate with a URI (SPIFFE) beside its DNS name',
    reports: [],
    outcome: { seen: 'Pebble leaves it out; the certificate is issued and becomes Ready.' },
    on: '2026-11-28',
  },
  {
    what: 'enableDurationFeature with a duration of 90 days',
    reports: [],
    outcome: { seen: 'Pebble takes it; the certificate is issued.' },
    on: '2026-11-28',
  },
];
