import { condition, field, list, ownerUids, text, texts } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type Sight, titleOf } from './sight.ts';

/** What ended an issuance before, or instead of, a certificate: rivals, approval, and what the CA says of the Order. */
export const endedRules: readonly Rule[] = [
  {
    id: 'two-certificates-one-secret',
    recognises: 'two Certificates that write the same Secret',
    look(sight) {
      const { certificate } = sight;
      const secretName = text(certificate, 'spec', 'secretName');
      const namespace = text(certificate, 'metadata', 'namespace');
      if (certificate === null || secretName === null) return null;
      const others = sight
        .all('cert-manager.io', 'Certificate')
        .filter(
          (other) =>
            text(other, 'metadata', 'namespace') === namespace &&
            text(other, 'spec', 'secretName') === secretName &&
            text(other, 'metadata', 'name') !== text(certificate, 'metadata', 'name'),
        );
      const ready = sight.certificateReady;
      const [other] = others;
      if (other === undefined || ready?.status === 'True') return null;
      return {
        verdict: `${sight.certificateName} cannot become Ready: ${titleOf(other)} writes the same Secret ${namespace}/${secretName}.`,
        evidence: sentences(
          `spec.secretName of both is ${secretName}.`,
          ready !== null && `${sight.certificateName} says: ${ready.reason}: ${quoted(ready.message)}.`,
        ),
        remedy: 'Give each Certificate a Secret of its own.',
      };
    },
  },
  {
    id: 'request-denied',
    recognises: 'a CertificateRequest that an approver denied',
    look(sight) {
      const denied = condition(sight.request, 'Denied');
      if (denied?.status !== 'True' || sight.request === null || sight.isIssued) return null;
      return {
        verdict: `The issuance ended: ${titleOf(sight.request)} was denied.`,
        evidence: [`It says: ${denied.reason}: ${quoted(denied.message)}.`],
        remedy:
          'Fix what the approval policy rejects, or change the policy. The policy then decides on the next CertificateRequest.',
      };
    },
  },
  {
    id: 'rate-limited',
    recognises: 'an Order that the CA refused because of a rate limit (RFC 8555, section 6.6)',
    look(sight) {
      const said = orderReason(sight.order, condition(sight.request, 'Ready')?.message);
      if (sight.order === null || sight.isIssued || said === null || !/rateLimited|\b429\b/.test(said)) return null;
      return {
        verdict: `The CA refused the Order because of a rate limit: ${quoted(said)}.`,
        evidence: [`${titleOf(sight.order)} says: ${quoted(said)}.`],
        remedy:
          "Wait until the CA's limit resets. Test changes against the CA's staging directory, which has higher limits.",
      };
    },
  },
  {
    id: 'validation-failed',
    recognises: 'a Challenge that the CA validated and rejected',
    look(sight) {
      const failed = sight.issuance.challenges.findLast(({ history }) =>
        history.states.some(({ object }) => text(object, 'status', 'state') === 'invalid'),
      );
      const state = failed?.history.states.findLast(({ object }) => text(object, 'status', 'state') === 'invalid');
      if (failed === undefined || state === undefined || sight.isIssued) return null;
      // Of an earlier attempt it says nothing of the present one.
      const { order } = sight;
      const own = text(order, 'metadata', 'uid');
      if (own !== null && !ownerUids(failed.history).has(own)) return null;
      const reason = text(state.object, 'status', 'reason') ?? 'nothing';
      const isDns = text(state.object, 'spec', 'type') === 'DNS-01';
      const addresses = sight
        .dns(failed.dnsName ?? '')
        .flatMap(({ type, outcome }) => ('records' in outcome ? outcome.records.map((each) => `${type} ${each}`) : []));
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
    recognises: 'an Order that ended without a certificate',
    look(sight) {
      const state = text(sight.order, 'status', 'state');
      if (sight.order === null || state === null || !['invalid', 'errored', 'expired'].includes(state)) return null;
      if (sight.isIssued) return null;
      const said = orderReason(sight.order, condition(sight.request, 'Ready')?.message) ?? 'nothing';
      return {
        verdict: `The Order ended ${state}: ${quoted(said)}.`,
        evidence: sentences(
          `${titleOf(sight.order)} is ${state}.`,
          sight.certificateIssuing !== null &&
            `${sight.certificateName} says: ${quoted(sight.certificateIssuing.message)}.`,
        ),
        remedy:
          "Fix what the CA reports. cert-manager retries with a back-off that starts at one hour; 'cmctl renew' retries immediately.",
      };
    },
  },
  {
    id: 'renewal-failed',
    recognises: 'a renewal that failed while the previous certificate is still valid',
    look(sight) {
      if (sight.renewal !== 'failed') return null;
      const said = sight.certificateIssuing?.message ?? '';
      const until = text(sight.certificate, 'status', 'notAfter');
      const at = text(sight.certificate, 'status', 'lastFailureTime') ?? 'an unknown time';
      return {
        verdict: `The renewal of ${sight.certificateName} failed at ${at}; the previous certificate is still in use${until === null ? '' : ` and valid until ${until}`}.`,
        evidence: sentences(said !== '' && `${sight.certificateName} says: ${quoted(said)}.`),
        remedy:
          "Look for the reason in the CertificateRequest and in cert-manager's log. cert-manager retries with a back-off that starts at one hour; 'cmctl renew' retries immediately.",
      };
    },
  },
];

/** An issuance that is between two steps, with nothing in its way. */
export const pendingRules: readonly Rule[] = [
  {
    id: 'order-waits',
    recognises: 'an Order that has no Challenge yet',
    look(sight) {
      if (sight.isIssued || sight.order === null || sight.waiting !== null) return null;
      const state = text(sight.order, 'status', 'state');
      return {
        verdict: orderStands(sight, state),
        evidence: [`${titleOf(sight.order)} is ${state ?? 'new'}.`],
        remedy: "Nothing yet. If this lasts longer than a minute, check cert-manager's log.",
      };
    },
  },
  {
    id: 'request-waits',
    recognises: 'a Certificate whose issuance has just begun',
    look(sight) {
      if (sight.certificate === null || sight.isIssued || sight.order !== null) return null;
      const said = condition(sight.request, 'Ready')?.message ?? sight.certificateReady?.message;
      const names = texts(sight.certificate, 'spec', 'dnsNames').join(', ');
      return {
        verdict: requestStands(sight),
        evidence: sentences(
          `${sight.certificateName} is for ${names || 'no DNS name'}.`,
          said !== undefined && said !== '' && `cert-manager says: ${quoted(said)}.`,
        ),
        remedy: "Nothing yet. If this lasts longer than a minute, check cert-manager's log.",
      };
    },
  },
];

function orderStands(sight: Sight, state: string | null): string {
  switch (state) {
    case null:
      return 'The Order has not been placed with the CA yet.';
    case 'ready':
    case 'processing':
      return 'All authorizations are valid; the Order is being finalized.';
    case 'valid':
      return 'The CA has issued the certificate; cert-manager has yet to write it to the Secret.';
    default: {
      if (sight.couldNotSee('Challenge')) return `The Order is ${state}; its Challenges could not be read.`;
      const count = list(sight.order, 'status', 'authorizations').length;
      const authorizations = count === 1 ? '1 authorization' : `${count} authorizations`;
      return `The Order is ${state} and has ${authorizations}, but no Challenge is pending.`;
    }
  }
}

function requestStands(sight: Sight): string {
  if (sight.request === null) {
    return sight.couldNotSee('CertificateRequest')
      ? `${sight.certificateName} is not issued yet; its CertificateRequests could not be read.`
      : `${sight.certificateName} has no CertificateRequest yet.`;
  }
  const isOfAcme = sight.issuer === null || field(sight.issuer, 'spec', 'acme') !== undefined;
  if (!sight.isIssuerOfCertManager || !isOfAcme) {
    return `${titleOf(sight.request)} waits for ${sight.issuerName}, which is not an ACME issuer.`;
  }
  return sight.couldNotSee('Order')
    ? `${titleOf(sight.request)} waits; its Order could not be read.`
    : `${titleOf(sight.request)} has no Order yet.`;
}

function orderReason(order: unknown, requestMessage: string | undefined): string | null {
  return text(order, 'status', 'reason') ?? requestMessage ?? null;
}
