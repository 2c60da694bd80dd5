import type { CaServer, CaServerSetup, ServerIdentity } from '../../ca-servers/ca-server.ts';
import { domain } from './zone.ts';

/** Where the configuration of the programs outside is, as those programs see it. */
export const outsideFolder = '/run/outside';
/** The folder of the CA server, as the server sees it. */
export const caServerFolder = `${outsideFolder}/ca`;
/** The host name of the ACME directory. */
export const directoryHost = `acme.${domain}`;
export const directoryPort = 443;
export const managementPort = 15000;

/**
 * Sets up an environment's own CA server outside the cluster, on the ports that the RFCs name.
 *
 * @param nameServer its address
 */
export function setUpOwnCa(server: CaServer, identity: ServerIdentity, nameServer: string): Promise<CaServerSetup> {
  return server.setUp({
    folder: caServerFolder,
    listenAddress: '0.0.0.0',
    host: directoryHost,
    directoryPort,
    managementPort,
    identity,
    nameServer: `${nameServer}:53`,
    http01Port: 80,
    tlsAlpn01Port: 443,
  });
}
