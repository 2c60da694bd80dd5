import { join } from 'node:path/posix';
import type { CaServer, CaServerPlace, CaServerSetup } from '../ca-server.ts';
import { createIssuingChain } from '../issuing-chain.ts';

const root = 'root.crt';
const certificate = 'intermediate.crt';
const privateKey = 'intermediate.key';
const directoryCertificate = 'directory.crt';
const directoryKey = 'directory.key';
const configuration = 'acme_srv.cfg';
const revocations = 'crl.pem';
const handler = 'openssl_ca_handler';
/** gunicorn's threads. Its database is SQLite, and its workers are processes. */
const threads = '4';

/**
 * Sets up an acme2certifier that issues itself, by its openssl handler, with a new root and intermediate. Ports of validation are
 * options of our main program, as it has none (components/acme2certifier).
 */
export async function setUpAcme2certifier(place: CaServerPlace): Promise<CaServerSetup> {
  const { folder, listenAddress, directoryPort, identity, nameServer, http01Port, tlsAlpn01Port } = place;
  const chain = await createIssuingChain('acme2certifier');
  const file = (name: string) => join(folder, name);
  const [dnsAddress, dnsPort] = nameServer?.split(/:(?=\d+$)/) ?? [];
  const content = [
    '[DEFAULT]',
    'debug: False',
    ...(dnsAddress === undefined ? [] : [`dns_server_list: ["${dnsAddress}"]`]),
    '[CAhandler]',
    `handler_module: acme2certifier.cahandlers.${handler}`,
    `issuing_ca_key: ${file(privateKey)}`,
    `issuing_ca_cert: ${file(certificate)}`,
    `issuing_ca_crl: ${file(revocations)}`,
    `cert_save_path: ${folder}`,
    `ca_cert_chain_list: ["${file(root)}"]`,
    'cert_validity_days: 30',
    '[DBhandler]',
    'handler_module: acme2certifier.dbhandlers.wsgi_handler',
    `dbfile: ${file('acme_srv.db')}`,
    '[Account]',
    'contact_check_disable: True',
    '',
  ].join('\n');
  return {
    files: [
      { name: root, content: chain.root, isSecret: false },
      { name: certificate, content: chain.intermediate, isSecret: false },
      { name: privateKey, content: chain.intermediateKey, isSecret: true },
      { name: revocations, content: chain.revocations, isSecret: false },
      { name: directoryCertificate, content: identity.certificate, isSecret: false },
      { name: directoryKey, content: identity.privateKey, isSecret: true },
      { name: configuration, content, isSecret: false },
    ],
    arguments: [
      ...['--bind', `${listenAddress}:${directoryPort}`, '--workers', '1', '--threads', threads],
      ...['--certfile', file(directoryCertificate), '--keyfile', file(directoryKey)],
    ],
    environment: {
      ...{ HOME: folder, ACME_SRV_CONFIGFILE: file(configuration), PYTHONPYCACHEPREFIX: file('bytecode') },
      ...(http01Port === 80 ? {} : { ACME_HTTP_PORT: String(http01Port) }),
      ...(tlsAlpn01Port === 443 ? {} : { ACME_TLS_PORT: String(tlsAlpn01Port) }),
      ...(dnsPort === undefined ? {} : { ACME_DNS_PORT: dnsPort }),
    },
    directoryRoot: identity.root,
    issuingRoots: [chain.root],
  };
}

/** An ACME server in front of other CAs, here with the one that it has itself. */
export const acme2certifier: CaServer = {
  id: 'acme2certifier',
  software: 'acme2certifier',
  component: 'acme2certifier',
  program: 'acme2certifier',
  image: null,
  directoryPath: '/directory',
  readyLine: 'Booting worker with pid',
  // It does not set one, so this is the one of Python's requests.
  validationUserAgent: 'python-requests',
  settings: {
    'CAhandler.handler_module': handler,
    'Account.contact_check_disable': 'True',
    'gunicorn.threads': threads,
  },
  rootPaths: null,
  timeOfLogLine(line) {
    const time = /^\[(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d{4})\]/.exec(line);
    if (time === null) return null;
    return new Date(`${time[1]}T${time[2]}${time[3]}`).toISOString();
  },
  setUp: setUpAcme2certifier,
};
