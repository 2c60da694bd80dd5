import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaServer, CaServerSetup } from '../../ca-servers/ca-server.ts';
import { pinnedComponent } from '../../components/index.ts';
import type { CertificateAuthority } from '../environment.ts';
import { directoryHost, managementPort } from '../outside/outside-services.ts';

interface RunningCaServer {
  /** The address of its management port. */
  readonly address: string;
  /** The folder that `writeCaRoots` wrote to. */
  readonly folder: string;
  readonly logFile: string;
}

const directoryRootFile = 'directory-ca.crt';
const issuingRootsFile = 'issuing-roots.crt';

/** Keeps the roots of an environment's own CA for later commands. */
export async function writeCaRoots(
  folder: string,
  { directoryRoot, issuingRoots }: Pick<CaServerSetup, 'directoryRoot' | 'issuingRoots'>,
): Promise<void> {
  await writeFile(join(folder, directoryRootFile), directoryRoot);
  if (issuingRoots !== null) await writeFile(join(folder, issuingRootsFile), issuingRoots.join('\n'));
}

/** The environment's own CA, outside the cluster. */
export function ownCa(server: CaServer, { address, folder, logFile }: RunningCaServer): CertificateAuthority {
  const { software, component, settings, validationUserAgent: userAgent, directoryPath, rootPaths } = server;
  const directoryCaFile = join(folder, directoryRootFile);
  return {
    directoryUrl: `https://${directoryHost}${directoryPath}`,
    directoryCaFile,
    software,
    version: pinnedComponent(component).version,
    settings,
    userAgent,
    log: { file: logFile, timeOfLine: (line) => server.timeOfLogLine(line) },
    async roots(get) {
      if (rootPaths === null) return certificatesIn(await readFile(join(folder, issuingRootsFile), 'utf8'));
      const trust = await readFile(directoryCaFile, 'utf8');
      const root = (path: string) => get(`https://${directoryHost}:${managementPort}${path}`, address, trust);
      return await Promise.all(rootPaths.map(root));
    },
  };
}

function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
