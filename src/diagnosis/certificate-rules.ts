import { condition, field, list, ownerUids, text, texts } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type Situation, titleOf } from './situation.ts';

/** What ends an issuance without a certificate: a second Certificate for the Secret, a denied request, a refused Order. */
export const endedRules: readonly Rule[] = [
  {
    id: 'two-certificates-one-secret',
    recognizes: 'two Certificates that write the same Secret',
    look(situation) {
      const { certificate } = situation;
      const secretName = text(certificate, 'spec', 'secretName');
      const namespace = text(certificate, 'metadata', 'namespace');
      if (certificate === null || secretName === null) return null;
      const others = situation
        .all('cert-manager.io', 'Certificate')
        .filter(
          (other) =>
            text(other, 'metadata', 'namespace') === namespace &&
            text(other, 'spec', 'secretName') === secretName &&
            text(other, 'metadata', 'name') !== text(certificate, 'metadata', 'name'),
        );
      const ready = situation.certificateReady;
      const [other] = others;
      if (other === undefined || ready?.status === 'True') return null;
      return {
        verdict: `${situation.certificateName} cannot become Ready: ${titleOf(other)} writes the same Secret ${namespace}/${secretName}.`,
        evidence: sentences(
          `spec.secretName of both is ${secretName}.`,
          ready !== null && `${situation.certificateName} says: ${ready.reason}: ${quoted(ready.message)}.`,
        ),
        remedy: 'Give each Certificate a Secret of its own.',
      };
    },
  },
  {
    id: 'request-denied',
    recognizes: 'a CertificateRequest that an approver denied',
    look(situation) {
      const denied = condition(situation.request, 'Denied');
      if (denied?.status !== 'True' || situation.request === null || situation.isIssued) return null;
      return {
        verdict: `The issuance ended: ${titleOf(situation.request)} was denied.`,
        evidence: [`It says: ${denied.reason}: ${quoted(denied.message)}.`],
        remedy:
          'Fix what the approval policy rejects, or change the policy. The policy then decides on the next CertificateRequest.',
      };
    },
  },
  {
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
  },
  {
    id: 'validation-failed',
    recognizes: 'a Challenge that the CA validated and rejected',
    look(situation) {
      const failed = situation.issuance.challenges.findLast(({ history }) =>
        history.states.some(({ object }) => text(object, 'status', 'state') === 'invalid'),
      );
      const state = failed?.history.states.findLast(({ object }) => text(object, 'status', 'state') === 'invalid');
      if (failed === undefined || state === undefined || situation.isIssued) return null;
      // Of an earlier attempt it says nothing of the present one.
      const { order } = situation;
      const own = text(order, 'metadata', 'uid');
      if (own !== null && !ownerUids(failed.history).has(own)) return null;
      const reason = text(state.object, 'status', 'reason') ?? 'nothing';
      const isDns = text(state.object, 'spec', 'type') === 'DNS-01';
      // The CA looked for a TXT record, whatever the addresses are.
      const answers = isDns ? [] : situation.dns(failed.dnsName ?? '');
      const addresses = answers.flatMap(({ type, outcome }) =>
        'records' in outcome ? outcome.records.map((each) => `${type} ${each}`) : [],
      );
      return {
        verdict: `The CA requested the ${isDns ? 'DNS record' : 'challenge'} of ${failed.dnsName ?? 'the host'} and did not get the right answer: ${quoted(reason)}.`,
        evidence: sentences(
          `Challenge ${failed.history.namespace}/${failed.history.name} is invalid, as seen at ${state.at}.`,
          addresses.length > 0 && `The name has the records ${addresses.join(', ')}.`,
        ),
        remedy: `${
          isDns
            ? "cert-manager's self-check passed, so the name servers that it queries have the record. Check what the CA's resolvers see (delegation of the zone, all of its name servers, a CNAME of _acme-challenge, CAA records)"
            : "cert-manager's self-check passed, so the path works from inside the cluster. Check the path from the CA (public DNS including AAAA and CAA records, firewall, load balancer)"
        }. cert-manager retries after one hour at first; 'cmctl renew' retries immediately.`,
      };
    },
  },
  {
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
        remedy:
          "Fix what the CA reports. cert-manager retries with a back-off that starts at one hour; 'cmctl renew' retries immediately.",
      };
    },
  },
  {
    id: 'renewal-failed',
    recognizes: 'a renewal that failed while the previous certificate is still valid',
    look(situation) {
      if (situation.renewal !== 'failed') return null;
      const said = situation.certificateIssuing?.message ?? '';
      const until = text(situation.certificate, 'status', 'notAfter');
      const at = text(situation.certificate, 'status', 'lastFailureTime') ?? 'an unknown time';
      return {
        verdict: `The renewal of ${situation.certificateName} failed at ${at}; the previous certificate is still in use${until === null ? '' : ` and valid until ${until}`}.`,
        evidence: sentences(said !== '' && `${situation.certificateName} says: ${quoted(said)}.`),
        remedy:
          "Look for the reason in the CertificateRequest and in cert-manager's log. cert-manager retries with a back-off that starts at one hour; 'cmctl renew' retries immediately.",
      };
    },
  },
];

/** An issuance between two steps, which nothing blocks. */
export const pendingRules: readonly Rule[] = [
  {
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
  },
  {
    id: 'request-waits',
    recognizes: 'a Certificate whose issuance has just begun',
    look(situation) {
      if (situation.certificate === null || situation.isIssued || situation.order !== null) return null;
      const said = condition(situation.request, 'Ready')?.message ?? situation.certificateReady?.message;
      const names = texts(situation.certificate, 'spec', 'dnsNames').join(', ');
      return {
        verdict: requestStands(situation),
        evidence: sentences(
          `${situation.certificateName} is for ${names || 'no DNS name'}.`,
          said !== undefined && said !== '' && `cert-manager says: ${quoted(said)}.`,
        ),
        remedy: "Nothing yet. If this lasts longer than a minute, check cert-manager's log.",
      };
    },
  },
];

function orderStands(situation: Situation, state: string | null): string {
  switch (state) {
    case null:
      return 'The Order has not been placed with the CA yet.';
    case 'ready':
    case 'processing':
      return 'All authorizations are valid; the Order is being finalized.';
    case 'valid':
      return 'The CA has issued the certificate; cert-manager has yet to write it to the Secret.';
    default: {
      if (situation.couldNotSee('Challenge')) return `The Order is ${state}; its Challenges could not be read.`;
      const count = list(situation.order, 'status', 'authorizations').length;
      const authorizations = count === 1 ? '1 authorization' : `${count} authorizations`;
      return `The Order is ${state} and has ${authorizations}, but no Challenge is pending.`;
    }
  }
}

function requestStands(situation: Situation): string {
  if (situation.request === null) {
    return situation.couldNotSee('CertificateRequest')
      ? `${situation.certificateName} is not issued yet; its CertificateRequests could not be read.`
      : `${situation.certificateName} has no CertificateRequest yet.`;
  }
  const isOfAcme = situation.issuer === null || field(situation.issuer, 'spec', 'acme') !== undefined;
  if (!situation.isIssuerOfCertManager || !isOfAcme) {
    return `${titleOf(situation.request)} waits for ${situation.issuerName}, which is not an ACME issuer.`;
  }
  return situation.couldNotSee('Order')
    ? `${titleOf(situation.request)} waits; its Order could not be read.`
    : `${titleOf(situation.request)} has no Order yet.`;
}

function orderReason(order: unknown, requestMessage: string | undefined): string | null {
  return text(order, 'status', 'reason') ?? requestMessage ?? null;
}
