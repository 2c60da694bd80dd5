import type { HttpProbe } from '../evidence/evidence.ts';
import { condition, field, text } from '../issuance/recorded-object.ts';
import { triesAgain } from './retry.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type Situation, titleOf } from './situation.ts';
import { orderReason, orderStands } from './standing.ts';

export const rateLimitedRule: Rule = {
  id: 'rate-limited',
  recognizes: 'an Order that the CA refused because of a rate limit (RFC 8555, section 6.6)',
  look(situation) {
    const said = orderReason(situation.order, condition(situation.request, 'Ready')?.message);
    if (situation.order === null || situation.isIssued || said === null || !/rateLimited|\b429\b/.test(said))
      return null;
    return {
      verdict: `The CA refused the Order because of a rate limit: ${quoted(said)}.`,
      evidence: [`${titleOf(situation.order)} says: ${quoted(said)}.`],
      remedy:
        "Wait until the CA's limit resets. Test changes against the CA's staging directory, which has higher limits.",
    };
  },
};

export const requestRefusedByCaRule: Rule = {
  id: 'csr-refused',
  recognizes:
    'a CA that does not accept the certificate signing request, for example for its key (badCSR, RFC 8555, section 6.7)',
  look(situation) {
    const said = orderReason(situation.order, condition(situation.request, 'Ready')?.message);
    if (
      situation.order === null ||
      situation.isIssued ||
      said === null ||
      !/acme:error:(?:badCSR|badPublicKey)/.test(said)
    )
      return null;
    const key = field(situation.certificate, 'spec', 'privateKey');
    const algorithm = text(key, 'algorithm') ?? 'RSA';
    const size = field(key, 'size');
    const described = `${algorithm}${typeof size === 'number' ? ` with ${size} bits` : ''}`;
    return {
      verdict: `The CA does not accept the certificate signing request of ${situation.certificateName}, whose key is ${described}: ${quoted(said)}.`,
      evidence: [`${titleOf(situation.order)} says: ${quoted(said)}.`],
      remedy: `Ask for what the CA signs: spec.privateKey of ${situation.certificateName} sets algorithm and size (every public CA takes ECDSA 256 and RSA 2048). ${triesAgain(situation)}`,
    };
  },
};

export const orderFailedRule: Rule = {
  id: 'order-failed',
  recognizes: 'an Order that ended without a certificate',
  look(situation) {
    const state = text(situation.order, 'status', 'state');
    if (situation.order === null || state === null || !['invalid', 'errored', 'expired'].includes(state)) return null;
    if (situation.isIssued) return null;
    const said = orderReason(situation.order, condition(situation.request, 'Ready')?.message) ?? 'nothing';
    return {
      verdict: `The Order ended ${state}: ${quoted(said)}.`,
      evidence: sentences(
        `${titleOf(situation.order)} is ${state}.`,
        situation.certificateIssuing !== null &&
          `${situation.certificateName} says: ${quoted(situation.certificateIssuing.message)}.`,
      ),
      remedy: `${remedyFor(said, situation)} ${triesAgain(situation)}`,
    };
  },
};

/** An Order that stands still, while the CA's directory gives no answer. */
export const directoryFailsRule: Rule = {
  id: 'directory-fails',
  recognizes: "an Order without a Challenge, while the CA's own server does not answer as it must",
  look(situation) {
    if (situation.isIssued || situation.order === null || situation.waiting !== null) return null;
    const probe = situation.directory;
    const why = probe === null ? null : whyDirectoryFails(probe);
    if (probe === null || why === null) return null;
    const state = text(situation.order, 'status', 'state');
    return {
      verdict: `${quoted(orderStands(situation, state))}: the CA's server at ${probe.url} ${why}.`,
      evidence: sentences(
        `${titleOf(situation.order)} is ${state ?? 'new'}.`,
        `At ${probe.at}, a request for the directory from outside gave ${'error' in probe.outcome ? quoted(probe.outcome.error) : `status ${probe.outcome.status}`}.`,
      ),
      remedy:
        "See the CA's own status. cert-manager tries an Order again by itself where its server does not answer, or answers 5xx.",
    };
  },
};

/** A clause without a subject; null where the directory is there. */
function whyDirectoryFails({ outcome }: HttpProbe): string | null {
  if (!('error' in outcome)) return outcome.status >= 500 ? `answers every request with ${outcome.status}` : null;
  switch (outcome.code) {
    case 'ECONNREFUSED':
      return 'takes no connections';
    case 'PROBE_TIMEOUT':
      return 'does not answer in time';
    case 'ECONNRESET':
      return 'ends connections before its answer is complete';
    case 'CERT_HAS_EXPIRED':
      return 'has a certificate that has expired';
    case 'CERT_NOT_YET_VALID':
      return 'has a certificate that is not valid yet: its clock, or the one here, is wrong';
    default:
      return /CERT|VERIFY|SIGNATURE/.test(outcome.code ?? '')
        ? `has a certificate that spec.acme.caBundle does not make trusted (${quoted(outcome.error)})`
        : `cannot be reached (${quoted(outcome.error)})`;
  }
}

function remedyFor(said: string, { issuerName }: Situation): string {
  if (/profile/i.test(said))
    return `Set spec.acme.profile of ${issuerName} to a profile that the CA's directory lists (meta.profiles), or take it away.`;
  return 'Change what the CA reports.';
}

/** An Order between two steps. */
export const orderWaitsRule: Rule = {
  finds: 'step',
  id: 'order-waits',
  recognizes: 'an Order that has no Challenge yet',
  look(situation) {
    if (situation.isIssued || situation.order === null || situation.waiting !== null) return null;
    const state = text(situation.order, 'status', 'state');
    return {
      verdict: orderStands(situation, state),
      evidence: [`${titleOf(situation.order)} is ${state ?? 'new'}.`],
      remedy: "Nothing yet. If this lasts longer than a minute, check cert-manager's log.",
    };
  },
};
