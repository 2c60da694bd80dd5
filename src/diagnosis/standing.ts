import { field, list, text } from '../issuance/recorded-object.ts';
import { type Situation, titleOf } from './situation.ts';

export function orderStands(situation: Situation, state: string | null): string {
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

export function requestStands(situation: Situation): string {
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

export function orderReason(order: unknown, requestMessage: string | undefined): string | null {
  return text(order, 'status', 'reason') ?? requestMessage ?? null;
}
