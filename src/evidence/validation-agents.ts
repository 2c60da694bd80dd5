/** How a CA's validation servers name themselves over HTTP. */
interface ValidationAgent {
  readonly ca: string;
  /** A part of the user agent; null if the CA publishes none. */
  readonly userAgent: string | null;
  /** Domains of its ACME directories; empty for software. */
  readonly directories: readonly string[];
  /** Whether the CA documents it, so that its requests can be required to have it. */
  readonly documented: boolean;
  readonly source: string;
}

export const validationAgents: readonly ValidationAgent[] = [
  {
    ca: "Let's Encrypt",
    userAgent: "Let's Encrypt validation server",
    directories: ['letsencrypt.org'],
    documented: true,
    source: "https://letsencrypt.org/docs/faq/ and boulder's setting userAgent of its validation authority",
  },
  {
    ca: 'Pebble',
    userAgent: 'LetsEncrypt-Pebble-VA',
    directories: [],
    documented: true,
    source: 'github.com/letsencrypt/pebble, va/va.go, userAgentBase',
  },
  {
    ca: 'boulder',
    userAgent: 'boulder',
    directories: [],
    documented: false,
    source: 'github.com/letsencrypt/boulder, test/config/va.json, the default of its test configuration',
  },
  {
    ca: 'step-ca',
    userAgent: 'Go-http-client',
    directories: [],
    documented: false,
    source: "github.com/smallstep/certificates, acme/client.go: net/http's default",
  },
  {
    ca: 'Caddy',
    userAgent: 'Go-http-client',
    directories: [],
    documented: false,
    source: 'github.com/caddyserver/caddy, modules/caddypki/acmeserver: it validates with the library of step-ca',
  },
  {
    ca: 'Sectigo',
    userAgent: 'Sectigo DCV',
    directories: ['sectigo.com'],
    documented: false,
    source: 'public lists of user agents',
  },
  {
    ca: 'ZeroSSL',
    userAgent: 'Sectigo DCV',
    directories: ['zerossl.com'],
    documented: false,
    source: "Sectigo operates ZeroSSL's issuing CAs",
  },
  {
    ca: 'DigiCert',
    userAgent: 'DigiCert DCV Bot',
    directories: ['digicert.com'],
    documented: false,
    source: 'public lists of user agents',
  },
  {
    ca: 'Google Trust Services',
    userAgent: null,
    directories: ['pki.goog'],
    documented: false,
    source: 'none is published',
  },
];

/** What people and probes ask with, not CAs: they can know the token from the Challenge. */
const otherClients =
  /^(?:padlock-|curl\/|Wget|HTTPie|PostmanRuntime|kube-probe|Prometheus|python-requests|Mozilla\/5\.0 \((?:Windows|Macintosh|X11|iPhone|iPad|Linux))/i;
/** cert-manager's self-check: `cert-manager-challenges/…`, and `cert-manager/…` before 1.11. */
const selfCheck = /^(?:jetstack-)?cert-manager/i;

/** Whether a request's user agent is that of cert-manager's self-check. */
export function isSelfCheckAgent(userAgent: string | null): boolean {
  return userAgent !== null && selfCheck.test(userAgent);
}

/** The documented part of the user agent of a directory's CA; empty if none is known. */
export function userAgentOfDirectory(host: string): string {
  const found = validationAgents.find(
    ({ directories, documented }) => documented && directories.some((each) => `.${host}`.endsWith(`.${each}`)),
  );
  return found?.userAgent ?? '';
}

/**
 * Whether a request for the path of a Challenge is the CA's. The token is random, and only the cluster and the CA know it
 * (RFC 8555, section 8.3). If the CA's user agent is unknown, whoever asks for it and is neither cert-manager nor a tool of people
 * is therefore the CA.
 *
 * @param expected a part of the CA's user agent; empty if it is unknown
 */
export function isAgentOfCa(userAgent: string | null, expected: string): boolean {
  if (userAgent === null || isSelfCheckAgent(userAgent)) return false;
  return expected === '' ? !otherClients.test(userAgent) : userAgent.includes(expected);
}
