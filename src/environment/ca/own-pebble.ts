import { readFile } from 'node:fs/promises';
import { pebbleVersion } from '../../components/index.ts';
import type { CertificateAuthority } from '../environment.ts';
import { directoryHost, managementPort } from '../outside/outside-services.ts';
import { pebbleRootPaths, reportedSettings, validationUserAgent } from './pebble.ts';

interface Place {
  /** Where its management port answers. */
  readonly address: string;
  /** PEM, of its directory's own certificate and of the management port's. */
  readonly directoryCaFile: string;
  readonly logFile: string;
}

/** The Pebble that an environment brings along, outside the cluster. */
export function ownPebble({ address, directoryCaFile, logFile }: Place): CertificateAuthority {
  return {
    directoryUrl: `https://${directoryHost}/dir`,
    directoryCaFile,
    software: 'Pebble',
    version: pebbleVersion,
    settings: reportedSettings,
    userAgent: validationUserAgent,
    logFile,
    async roots(get) {
      const trust = await readFile(directoryCaFile, 'utf8');
      const root = (path: string) => get(`https://${directoryHost}:${managementPort}${path}`, address, trust);
      return await Promise.all(pebbleRootPaths.map(root));
    },
  };
}
