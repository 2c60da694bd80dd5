import { lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { renewalCertificateId } from '../../issuance/renewal-certificate-id.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

/** The link between a renewal and what it replaces (RFC 9773 section 5), by which a CA exempts it from rate limits. */
export const orderReplacesTheCertificate: Check = {
  id: 'order-replaces-the-certificate',
  asserts: 'The Order of the renewal names in `replaces` the certificate that it renews, and the CA accepted that.',
  judge(evidence, { orders }) {
    const leaves = secretLeaves(evidence);
    // With a single leaf nothing was renewed.
    const first = leaves.at(-2) ?? leaves[0];
    if (first === undefined) return failed('No leaf was recorded in the Secret.');
    const expected = renewalCertificateId(first.leaf.pem);
    if (expected === null)
      return failed(
        `The leaf ${first.leaf.serialNumber} does not name the key of its issuer, so nothing can replace it.`,
      );
    const named = orders.flatMap(({ history }) => {
      const replaces = text(lastLivingState(history)?.object, 'spec', 'replaces');
      return replaces === null ? [] : [{ history, replaces }];
    });
    const order = named.find(({ replaces }) => replaces === expected);
    if (order === undefined) {
      const seen = named.map(({ history, replaces }) => `${nameOf(history)} replaces ${replaces}`);
      return failed(
        `No Order replaces ${expected}, the leaf ${first.leaf.serialNumber}: ${seen.join(', ') || `none of ${orders.length} Order(s) has \`replaces\``}.`,
      );
    }
    const state = text(lastLivingState(order.history)?.object, 'status', 'state');
    if (state !== 'valid')
      return failed(`${nameOf(order.history)} replaces ${expected}, but is ${state ?? 'in no state'}.`);
    const line = evidence.ca.log.find(({ line }) => line.includes('is a replacement of'));
    const known =
      evidence.ca.log.length === 0 ? '' : line === undefined ? null : ` The CA logged: ${line.line.trim()}.`;
    if (known === null)
      return failed(
        `${nameOf(order.history)} replaces ${expected}, but the CA's log does not show a replacement: the field was not sent.`,
      );
    return passed(`${nameOf(order.history)} replaces ${expected}, the leaf ${first.leaf.serialNumber}.${known}`);
  },
};
