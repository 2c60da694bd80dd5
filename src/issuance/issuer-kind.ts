import type { Subject } from '../evidence/evidence.ts';

/** The kind of a subject's issuer: one without a namespace belongs to the whole cluster. */
export function issuerKind({ issuer }: Pick<Subject, 'issuer'>): 'Issuer' | 'ClusterIssuer' {
  return issuer.namespace === '' ? 'ClusterIssuer' : 'Issuer';
}
