import { join } from 'node:path/posix';
import type { CaServer, CaServerPlace, CaServerSetup } from '../ca-server.ts';
import { goLogTime } from '../go-log-time.ts';
import { createIssuingChain } from '../issuing-chain.ts';

/** How one step-ca differs from the one of an environment. */
export interface StepCaVariant {
  /**
   * Whether accounts need an external account binding. Then the provisioner is not in the configuration: `add-eab-key` must put
   * it and its keys into the database before the start, as step-ca stores keys by the id of a provisioner in its database.
   */
  readonly externalAccounts?: boolean;
  /** The longest validity that an order may ask for, as Go writes durations; default: step-ca's own, 24h. */
  readonly maxTlsCertDuration?: string;
}

/** The ACME provisioner, whose name is part of the directory's URL. */
export const provisioner = 'acme';
/** The folder of the database in the server's folder. step-ca makes it. */
export const databaseFolder = 'db';

const root = 'root.crt';
const certificate = 'intermediate.crt';
const privateKey = 'intermediate.key';
const configuration = 'ca.json';
const logFormat = 'json';
const databaseType = 'badgerv2';
/**
 * As Pebble's profile: 90 days. With its own 24 h, step-ca takes an order for longer and answers 500 to finalize
 * (docs/ca-results/step-ca.md).
 */
const maxTlsCertDuration = '2160h';

/** Sets up a step-ca with a new root and intermediate and one ACME provisioner, by files alone. */
export async function setUpStepCa(place: CaServerPlace, variant: StepCaVariant = {}): Promise<CaServerSetup> {
  const { folder, listenAddress, host, directoryPort, nameServer, http01Port, tlsAlpn01Port } = place;
  const chain = await createIssuingChain('step-ca');
  const claims =
    variant.maxTlsCertDuration === undefined ? {} : { claims: { maxTLSCertDuration: variant.maxTlsCertDuration } };
  const file = (name: string) => join(folder, name);
  const content = {
    root: file(root),
    crt: file(certificate),
    key: file(privateKey),
    address: `${listenAddress}:${directoryPort}`,
    dnsNames: [host],
    logger: { format: logFormat },
    db: { type: databaseType, dataSource: file(databaseFolder) },
    authority: variant.externalAccounts
      ? { enableAdmin: true, provisioners: [] }
      : { provisioners: [{ type: 'ACME', name: provisioner, ...claims }] },
  };
  return {
    files: [
      { name: root, content: chain.root, isSecret: false },
      { name: certificate, content: chain.intermediate, isSecret: false },
      { name: privateKey, content: chain.intermediateKey, isSecret: true },
      { name: configuration, content: JSON.stringify(content), isSecret: false },
    ],
    arguments: [
      // Other ports than those of the RFCs need --insecure.
      ...(http01Port === 80 && tlsAlpn01Port === 443
        ? []
        : ['--insecure', '--acme-http-port', String(http01Port), '--acme-tls-port', String(tlsAlpn01Port)]),
      ...(nameServer === null ? [] : ['--resolver', nameServer]),
      file(configuration),
    ],
    environment: { STEPPATH: folder, HOME: folder },
    // step-ca issues the certificate of its own directory.
    directoryRoot: chain.root,
    issuingRoots: [chain.root],
  };
}

/** smallstep's CA. It has no management endpoint, no alternate chains and no profiles. */
export const stepCa: CaServer = {
  id: 'step-ca',
  software: 'step-ca',
  component: 'step-ca',
  program: 'step-ca',
  // The image starts a script as a user who can neither read these files nor write beside them.
  image: null,
  directoryPath: `/acme/${provisioner}/directory`,
  readyLine: 'Serving HTTPS on',
  // It does not set one, so this is the one of Go's HTTP client.
  validationUserAgent: 'Go-http-client',
  settings: {
    'logger.format': logFormat,
    'db.type': databaseType,
    'claims.maxTLSCertDuration': maxTlsCertDuration,
  },
  failsOnConcurrentRequests: true,
  rootPaths: null,
  timeOfLogLine(line) {
    const time = /"time":"([^"]+)"/.exec(line)?.[1];
    if (time === undefined) return goLogTime(line);
    const milliseconds = Date.parse(time);
    return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
  },
  setUp: (place) => setUpStepCa(place, { maxTlsCertDuration }),
};
