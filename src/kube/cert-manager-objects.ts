import type { KubeObject } from './kube-object.ts';

/**
 * cert-manager's objects, with the fields that Padlock reads. The API server has validated them against cert-manager's schemas,
 * so a type is given to them here, and nowhere else, without looking at every field.
 */
export interface RenewalInformation {
  readonly suggestedWindow?: object;
  readonly lastError?: string;
  /** RFC 3339. */
  readonly lastChecked?: string;
}

export interface CertificateObject extends KubeObject {
  readonly spec?: { readonly secretName?: string };
  readonly status?: {
    readonly revision?: number;
    /** Present while an issuance is in progress. */
    readonly nextPrivateKeySecretName?: string;
    /** When the last issuance failed; absent once one has succeeded. cert-manager tries again an hour later at the earliest. */
    readonly lastFailureTime?: string;
    /** What the CA said about the renewal (RFC 9773), with the feature gate ACMEUseARI. */
    readonly acme?: { readonly ari?: RenewalInformation };
  };
}

export interface ChallengeObject extends KubeObject {
  readonly spec?: {
    /** Without the `*.` of a wildcard. */
    readonly dnsName?: string;
    readonly token?: string;
  };
  readonly status?: { readonly reason?: string };
}

export interface IssuerObject extends KubeObject {
  readonly spec?: {
    readonly acme?: Readonly<Record<string, unknown>> & { readonly privateKeySecretRef?: { readonly name?: string } };
  };
  /** The URL of the account at the CA. */
  readonly status?: { readonly acme?: { readonly uri?: string } };
}

export const certificateResource = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' } as const;
export const issuerResource = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer' } as const;
export const challengeResource = { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge' } as const;

/** The object as a Certificate, or null if it is of another kind. */
export function asCertificate(object: KubeObject): CertificateObject | null {
  return isOf(object, certificateResource) ? object : null;
}

/** The object as a Challenge, or null if it is of another kind. */
export function asChallenge(object: KubeObject): ChallengeObject | null {
  return isOf(object, challengeResource) ? object : null;
}

/** The object as an Issuer, or null if it is of another kind. */
export function asIssuer(object: KubeObject): IssuerObject | null {
  return isOf(object, issuerResource) ? object : null;
}

function isOf({ apiVersion, kind }: KubeObject, resource: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return apiVersion === resource.apiVersion && kind === resource.kind;
}

/** The name of the Secret that cert-manager writes for a Certificate, or for the account of an Issuer or a ClusterIssuer; undefined for others. */
export function secretWrittenFor(object: KubeObject): string | undefined {
  if (object.kind === 'Certificate') return (object as CertificateObject).spec?.secretName;
  return ['Issuer', 'ClusterIssuer'].includes(object.kind)
    ? (object as IssuerObject).spec?.acme?.privateKeySecretRef?.name
    : undefined;
}
