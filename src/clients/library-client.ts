import type { AcmeClient } from './acme-client.ts';

const publicKeyBlock = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\n/;

/** A client library, as one of the programs of components/acme-clients. */
export function libraryClient(client: {
  readonly id: 'lego' | 'acmez';
  readonly title: string;
  readonly version: string;
  /** The environment variable that names the file with the roots. */
  readonly rootsVariable: string;
}): AcmeClient {
  const { id, title, version, rootsVariable } = client;
  return {
    ...{ id, title, version, component: 'acme-clients' },
    call: ({ directoryUrl, name, httpPort, roots }, components) => ({
      command: [components.binary(id), directoryUrl, name, String(httpPort)],
      environment: { [rootsVariable]: roots },
    }),
    obtained: async (_, stdout) => {
      const publicKey = publicKeyBlock.exec(stdout)?.[0] ?? '';
      return { publicKey, chain: stdout.replace(publicKey, '') };
    },
    message: (stderr) => stderr.trim(),
  };
}
