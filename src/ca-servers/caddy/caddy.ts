import { join } from 'node:path/posix';
import type { CaServer, CaServerPlace, CaServerSetup } from '../ca-server.ts';
import { createIssuingChain } from '../issuing-chain.ts';

const root = 'root.crt';
const certificate = 'intermediate.crt';
const privateKey = 'intermediate.key';
const directoryCertificate = 'directory.crt';
const directoryKey = 'directory.key';
const configuration = 'caddy.json';
const authority = 'local';
const lifetime = '24h';

/**
 * Sets up a Caddy whose one site is its ACME server, with a new root and intermediate. Ports of validation and name server are
 * options of our main package, as Caddy has none (components/caddy/main.go).
 */
export async function setUpCaddy(place: CaServerPlace): Promise<CaServerSetup> {
  const { folder, listenAddress, host, directoryPort, identity, nameServer, http01Port, tlsAlpn01Port } = place;
  const chain = await createIssuingChain('Caddy');
  const file = (name: string) => join(folder, name);
  const content = {
    admin: { disabled: true, config: { persist: false } },
    storage: { module: 'file_system', root: file('storage') },
    apps: {
      pki: {
        certificate_authorities: {
          [authority]: {
            install_trust: false,
            root: { certificate: file(root), format: 'pem_file' },
            intermediate: { certificate: file(certificate), private_key: file(privateKey), format: 'pem_file' },
          },
        },
      },
      tls: { certificates: { load_files: [{ certificate: file(directoryCertificate), key: file(directoryKey) }] } },
      http: {
        servers: {
          acme: {
            listen: [`${listenAddress}:${directoryPort}`],
            automatic_https: { disable: true },
            tls_connection_policies: [{}],
            routes: [{ match: [{ host: [host] }], handle: [{ handler: 'acme_server', ca: authority, lifetime }] }],
          },
        },
      },
    },
  };
  return {
    files: [
      { name: root, content: chain.root, isSecret: false },
      { name: certificate, content: chain.intermediate, isSecret: false },
      { name: privateKey, content: chain.intermediateKey, isSecret: true },
      { name: directoryCertificate, content: identity.certificate, isSecret: false },
      { name: directoryKey, content: identity.privateKey, isSecret: true },
      { name: configuration, content: JSON.stringify(content), isSecret: false },
    ],
    arguments: ['run', '--config', file(configuration)],
    environment: {
      ...{ HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      ...(http01Port === 80 ? {} : { ACME_HTTP_PORT: String(http01Port) }),
      ...(tlsAlpn01Port === 443 ? {} : { ACME_TLS_PORT: String(tlsAlpn01Port) }),
      ...(nameServer === null ? {} : { ACME_NAME_SERVER: nameServer }),
    },
    directoryRoot: identity.root,
    issuingRoots: [chain.root],
  };
}

/** The ACME server of Caddy. It is built on the library of step-ca, with another database. */
export const caddy: CaServer = {
  id: 'caddy',
  software: 'Caddy',
  component: 'caddy',
  program: 'caddy',
  image: null,
  directoryPath: `/acme/${authority}/directory`,
  readyLine: 'serving initial configuration',
  // It does not set one, so this is the one of Go's HTTP client.
  validationUserAgent: 'Go-http-client',
  settings: { 'acme_server.lifetime': lifetime },
  failsOnConcurrentRequests: true,
  rootPaths: null,
  timeOfLogLine(line) {
    const seconds = /"ts":([\d.]+)/.exec(line)?.[1];
    return seconds === undefined ? null : new Date(Number(seconds) * 1000).toISOString();
  },
  setUp: setUpCaddy,
};
