import type { Evidence } from '../evidence/evidence.ts';
import { type SecretFacts, secretFactsField, secretFactsSchema } from '../evidence/secret-facts.ts';
import { deletion, field, historiesOf, lastLivingState, nameOf, text } from './recorded-object.ts';
import { type ParsedCertificate, parseCertificates } from './x509-chain.ts';

/** The subject's Secret as it was last recorded. */
export interface RecordedSecret {
  /** `Secret namespace/name`. */
  readonly name: string;
  /** When this state of the Secret was recorded. */
  readonly at: string;
  readonly type: string | null;
  readonly facts: SecretFacts;
}

/** Finds the subject's Secret, or says in one sentence what of it is missing in the evidence. */
export function findSecret(evidence: Evidence): RecordedSecret | string {
  const { namespace, name } = evidence.subject.secret;
  const secret = historiesOf(evidence.objects, '', 'Secret', evidence.subject.secret).at(-1);
  if (secret === undefined) return `No Secret ${namespace}/${name} was recorded.`;
  const gone = deletion(secret);
  if (gone !== undefined) return `${nameOf(secret)} was deleted at ${gone.at}.`;
  const state = lastLivingState(secret);
  if (state === undefined) return `No state of ${nameOf(secret)} was recorded.`;
  const facts = secretFactsSchema.safeParse(field(state.object, secretFactsField));
  if (!facts.success) {
    const [issue] = facts.error.issues;
    const where = [secretFactsField, ...(issue?.path ?? [])].join('.');
    return `${nameOf(secret)} was recorded without the facts of its certificate and key: ${where}: ${issue?.message ?? 'invalid'}.`;
  }
  return { name: nameOf(secret), at: state.at, type: text(state.object, 'type'), facts: facts.data };
}

/** The leaf in the subject's Secret, or one sentence that says why there is none. */
export function findLeaf(evidence: Evidence): ParsedCertificate | string {
  const secret = findSecret(evidence);
  if (typeof secret === 'string') return secret;
  const chain = parseCertificates(secret.facts.certificates, `tls.crt of ${secret.name}`);
  if (typeof chain === 'string') return chain;
  return chain[0] ?? `${secret.name} holds no certificate in tls.crt.`;
}
