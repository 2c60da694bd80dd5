import { configurePebble } from '../ca/pebble.ts';
import { domain } from './zone.ts';

/** Where the configuration of the programs outside is, as those programs see it. */
export const outsideFolder = '/run/outside';
/** The host name of the ACME directory. */
export const directoryHost = `acme.${domain}`;
export const directoryPort = 443;
export const managementPort = 15000;

/** The configuration of an environment's own Pebble, outside the cluster. */
export function pebbleConfiguration(): string {
  return configurePebble({
    directoryPort,
    managementPort,
    certificate: `${outsideFolder}/acme-directory.crt`,
    privateKey: `${outsideFolder}/acme-directory.key`,
  });
}
