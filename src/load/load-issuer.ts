import { readFile } from 'node:fs/promises';
import type { RunningEnvironment } from '../environment/environment.ts';
import { labelled, runLabel } from '../environment/run-label.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { UserError } from '../user-error.ts';
import { issuerNameOf, type LoadPlan, rootNameOf } from './load-plan.ts';

/** The Issuer of a load and what it needs. @throws UserError (2) where the environment cannot solve by that solver */
export async function issuerObjects(plan: LoadPlan, environment: RunningEnvironment): Promise<readonly KubeObject[]> {
  const objects = plan.solver === 'ca-issuer' ? caIssuer(plan) : await acmeIssuer(plan, environment);
  return objects.map((object) => labelled(object, plan.run));
}

/** A CA of the cluster's own: a self-signed root, and an Issuer that signs with it (cert-manager's documentation of CA issuers). */
function caIssuer(plan: LoadPlan): readonly KubeObject[] {
  const name = issuerNameOf(plan);
  const { namespace } = plan.gateway;
  const root = rootNameOf(plan);
  return [
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name: root, namespace },
      spec: { selfSigned: {} },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: root, namespace },
      spec: {
        isCA: true,
        commonName: root,
        secretName: root,
        secretTemplate: { labels: { [runLabel]: plan.run } },
        issuerRef: { name: root, kind: 'Issuer' },
      },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name, namespace },
      spec: { ca: { secretName: root } },
    },
  ];
}

async function acmeIssuer(plan: LoadPlan, environment: RunningEnvironment): Promise<readonly KubeObject[]> {
  const name = issuerNameOf(plan);
  const { namespace } = plan.gateway;
  const { directoryUrl, directoryCaFile, externalAccount } = environment.ca;
  const { secrets, solver } = await solverOf(plan, environment);
  const caBundle = directoryCaFile === null ? {} : { caBundle: (await readFile(directoryCaFile)).toString('base64') };
  const eab = `${name}-eab`;
  return [
    ...secrets,
    ...(externalAccount === undefined
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: eab, namespace },
            stringData: { key: externalAccount.hmacKey },
          },
        ]),
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Issuer',
      metadata: { name, namespace },
      spec: {
        acme: {
          server: directoryUrl,
          ...caBundle,
          email: `padlock@${plan.domain}`,
          privateKeySecretRef: { name: `${name}-account` },
          ...(externalAccount === undefined
            ? {}
            : { externalAccountBinding: { keyID: externalAccount.keyId, keySecretRef: { name: eab, key: 'key' } } }),
          solvers: [solver],
        },
      },
    },
  ];
}

async function solverOf(
  plan: LoadPlan,
  environment: RunningEnvironment,
): Promise<{ readonly secrets: readonly KubeObject[]; readonly solver: Readonly<Record<string, unknown>> }> {
  if (plan.solver === 'http01') {
    const { ingressClass } = plan.gateway;
    if (ingressClass === null)
      throw new UserError(
        '--solver http01 needs an IngressClass whose controller is istio.io/ingress-controller, which this cluster does not have.',
      );
    return { secrets: [], solver: { http01: { ingress: { ingressClassName: ingressClass } } } };
  }
  const updates = await environment.dnsUpdates?.();
  if (updates === undefined)
    throw new UserError(
      '--solver dns01 needs a name server that takes updates (RFC 2136); on an existing cluster give --dns-update-server.',
    );
  const secret = `${issuerNameOf(plan)}-tsig`;
  const { nameServer: nameserver, keyName: tsigKeyName, algorithm: tsigAlgorithm } = updates;
  const tsigSecretSecretRef = { name: secret, key: 'key' };
  return {
    secrets: [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secret, namespace: plan.gateway.namespace },
        stringData: { key: updates.secret },
      },
    ],
    solver: { dns01: { rfc2136: { nameserver, tsigKeyName, tsigAlgorithm, tsigSecretSecretRef } } },
  };
}
