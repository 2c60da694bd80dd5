import { join } from 'node:path/posix';
import type { CaServer, CaServerPlace, CaServerSetup } from '../ca-server.ts';
import { goLogTime } from '../go-log-time.ts';

/** How one Pebble differs from the one of an environment. */
export interface PebbleVariant {
  /** MAC keys by key identifier, base64url. When given, every account needs an external account binding. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  /** Profiles besides `default`, by name: how long their certificates are valid, in seconds. An order that names none gets a random one. */
  readonly profiles?: Readonly<Record<string, number>>;
  /** How many of a hundred good nonces are refused; default 0. */
  readonly badNoncePercent?: number;
  /** How many of a hundred valid authorizations are used again; default 0. */
  readonly authzReusePercent?: number;
  /** Roots besides the first, each with a chain of its own; default 1. */
  readonly alternateRoots?: number;
  /** Intermediates in a chain, at least 1 (Pebble panics at 0); default: Pebble's own, 1. */
  readonly chainLength?: number;
  /** The longest sleep before each validation, in seconds; default: no sleep. */
  readonly validationSleepSeconds?: number;
  /** Retry-After of authorizations and orders (RFC 8555, section 7.5.1), in seconds; default 1. Pebble's sample says 3 and 5. */
  readonly retryAfterSeconds?: number;
  /** Whether it takes every response to a challenge for valid, and asks nobody. */
  readonly asksNobody?: boolean;
  /** How long its certificates are valid, in seconds; default: 90 days. */
  readonly validitySeconds?: number;
}

const keyAlgorithm = 'ecdsa';
const certificate = 'directory.crt';
const privateKey = 'directory.key';
const configuration = 'pebble.json';

/** The environment variables of Pebble; its README lists them. */
function environmentOf(variant: PebbleVariant): Readonly<Record<string, string>> {
  const { validationSleepSeconds, chainLength, asksNobody = false } = variant;
  return {
    // Without this, validation starts after up to 5 s.
    ...(validationSleepSeconds === undefined
      ? { PEBBLE_VA_NOSLEEP: '1' }
      : { PEBBLE_VA_SLEEPTIME: String(validationSleepSeconds) }),
    // A reused authorization would skip the very route under test.
    PEBBLE_AUTHZREUSE: String(variant.authzReusePercent ?? 0),
    // No random badNonce: a fault that cannot be reproduced proves nothing.
    PEBBLE_WFE_NONCEREJECT: String(variant.badNoncePercent ?? 0),
    // A second root for preferredChain: its chain is offered by a Link header (RFC 8555, section 7.4.2).
    PEBBLE_ALTERNATE_ROOTS: String(variant.alternateRoots ?? 1),
    ...(asksNobody ? { PEBBLE_VA_ALWAYS_VALID: '1' } : {}),
    ...(chainLength === undefined ? {} : { PEBBLE_CHAIN_LENGTH: String(chainLength) }),
  };
}

/** Sets up a Pebble that issues by one profile: with several, an order that names none gets a random one. */
export function setUpPebble(place: CaServerPlace, variant: PebbleVariant = {}): CaServerSetup {
  const { folder, listenAddress, identity, nameServer } = place;
  const { externalAccounts, retryAfterSeconds = 1, validitySeconds = 7_776_000, profiles = {} } = variant;
  const pebbleSection = {
    listenAddress: `${listenAddress}:${place.directoryPort}`,
    managementListenAddress: `${listenAddress}:${place.managementPort}`,
    certificate: join(folder, certificate),
    privateKey: join(folder, privateKey),
    httpPort: place.http01Port,
    tlsPort: place.tlsAlpn01Port,
    ocspResponderURL: '',
    externalAccountBindingRequired: externalAccounts !== undefined,
    externalAccountMACKeys: externalAccounts ?? {},
    retryAfter: { authz: retryAfterSeconds, order: retryAfterSeconds },
    keyAlgorithm,
    profiles: {
      default: { description: 'The only profile', validityPeriod: validitySeconds },
      ...Object.fromEntries(
        Object.entries(profiles).map(([name, validityPeriod]) => [name, { description: name, validityPeriod }]),
      ),
    },
  };
  return {
    files: [
      {
        name: configuration,
        content: JSON.stringify({ pebble: pebbleSection }),
        isSecret: externalAccounts !== undefined,
      },
      { name: certificate, content: identity.certificate, isSecret: false },
      { name: privateKey, content: identity.privateKey, isSecret: true },
    ],
    arguments: [
      '-config',
      join(folder, configuration),
      '-strict',
      ...(nameServer === null ? [] : ['-dnsserver', nameServer]),
    ],
    environment: environmentOf(variant),
    directoryRoot: identity.root,
    issuingRoots: null,
  };
}

/** Let's Encrypt's CA for tests of ACME clients. */
export const pebble: CaServer = {
  id: 'pebble',
  software: 'Pebble',
  component: 'pebble',
  program: 'pebble',
  image: 'ghcr.io/letsencrypt/pebble',
  directoryPath: '/dir',
  readyLine: 'ACME directory available',
  // Of its package va.
  validationUserAgent: 'LetsEncrypt-Pebble-VA',
  settings: {
    ...environmentOf({}),
    keyAlgorithm,
    retryAfter: '1 s for authorizations and orders',
  },
  rootPaths: ['/roots/0', '/roots/1'],
  timeOfLogLine: goLogTime,
  async setUp(place) {
    return setUpPebble(place);
  },
};
