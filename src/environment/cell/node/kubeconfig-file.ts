import { stringify } from 'yaml';
import type { KeyPairPem } from '../../certificates.ts';

interface KubeconfigRequest {
  readonly server: string;
  readonly caCertificate: string;
  readonly identity: KeyPairPem;
  /** The name of cluster, user and context. */
  readonly name: string;
}

/** A self-contained kubeconfig as YAML (kubernetes.io, "Organizing Cluster Access Using kubeconfig Files"). */
export function kubeconfig({ server, caCertificate, identity, name }: KubeconfigRequest): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(caCertificate) } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(identity.certificate),
          'client-key-data': base64(identity.key),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
