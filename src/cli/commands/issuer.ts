import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { certificateResource } from '../../kube/cert-manager-objects.ts';
import { madeEnvironment } from './made-environment.ts';

interface IssuerOptions {
  /** The environment. */
  readonly name: string;
  readonly namespace: string;
  /** Whether it is a ClusterIssuer. */
  readonly cluster: boolean;
}

/**
 * `padlock issuer [NAME]`: prints an Issuer for the CA of an environment, to be applied. Its HTTP-01 solver goes through the ingress
 * gateway.
 */
export async function issuer(issuerName: string, { name, namespace, cluster }: IssuerOptions): Promise<number> {
  const { ca, gateway } = (await madeEnvironment(name)).made;
  const { directoryUrl, directoryCaFile } = ca;
  const solver = gateway.ingressClass === null ? {} : { ingressClassName: gateway.ingressClass };
  const object = {
    apiVersion: certificateResource.apiVersion,
    kind: cluster ? 'ClusterIssuer' : 'Issuer',
    metadata: { name: issuerName, ...(cluster ? {} : { namespace }) },
    spec: {
      acme: {
        server: directoryUrl,
        ...(directoryCaFile === null ? {} : { caBundle: (await readFile(directoryCaFile)).toString('base64') }),
        privateKeySecretRef: { name: `${issuerName}-account` },
        solvers: [{ http01: { ingress: { ...solver, serviceType: 'ClusterIP' } } }],
      },
    },
  };
  process.stdout.write(stringify(object, { lineWidth: 0 }));
  return 0;
}
