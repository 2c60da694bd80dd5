import { pebbleVersion } from '../../components/index.ts';

/** Pebble's image as its project publishes it. */
export const pebbleImage = `ghcr.io/letsencrypt/pebble:${pebbleVersion.replace(/^v/, '')}`;

/** What Pebble's validation authority calls itself (its va package). */
export const validationUserAgent = 'LetsEncrypt-Pebble-VA';

/** Pebble's environment: what is chosen here on purpose, for every report to name (its README lists the variables). */
export const pebbleSettings: Readonly<Record<string, string>> = {
  // Validate at once instead of after up to 5 s.
  PEBBLE_VA_NOSLEEP: '1',
  // An authorization that is used again would skip the very route under test.
  PEBBLE_AUTHZREUSE: '0',
  // No random badNonce: a fault that cannot be reproduced proves nothing.
  PEBBLE_WFE_NONCEREJECT: '0',
  // A second root besides the first, for preferredChain: its chain is offered by a Link header (RFC 8555 section 7.4.2).
  PEBBLE_ALTERNATE_ROOTS: '1',
};

/** Where its management port serves the roots that its chains end at, that of the default chain first. */
export const pebbleRootPaths = ['/roots/0', '/roots/1'] as const;

/** How long a client is told to wait before it asks again (RFC 8555 section 7.5.1), in seconds. Pebble's sample says 3 and 5. */
const retryAfterSeconds = 1;

/** Where one Pebble listens, and where it finds the certificate of its directory. */
export interface PebbleListening {
  readonly directoryPort: number;
  readonly managementPort: number;
  /** The paths of the PEM files as Pebble sees them. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** A configuration file for Pebble. One profile only: with several, an order that names none gets a random one. */
export function configurePebble({ directoryPort, managementPort, certificate, privateKey }: PebbleListening): string {
  return JSON.stringify({
    pebble: {
      listenAddress: `0.0.0.0:${directoryPort}`,
      managementListenAddress: `0.0.0.0:${managementPort}`,
      certificate,
      privateKey,
      httpPort: 80,
      tlsPort: 443,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
      retryAfter: { authz: retryAfterSeconds, order: retryAfterSeconds },
      keyAlgorithm: 'ecdsa',
      profiles: { default: { description: 'The only profile', validityPeriod: 7_776_000 } },
    },
  });
}

/** What reports tell of a Pebble: its environment and what its configuration has on purpose. */
export const reportedSettings: Readonly<Record<string, string>> = {
  ...pebbleSettings,
  keyAlgorithm: 'ecdsa',
  retryAfter: `${retryAfterSeconds} s for authorizations and orders`,
};
