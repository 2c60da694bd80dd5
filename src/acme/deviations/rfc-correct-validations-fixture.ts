import { accept, ofNames, refuse, tellAs } from './decide-otherwise.ts';
import type { Deviation } from './deviation.ts';

/**
 * For tests: corrects Pebble's deviations in validations (docs/ca-results/pebble.md), by the names of the checks. Each
 * correction gets the answers of the one before it.
 */
export const rfcCorrectValidations: readonly Deviation['apply'][] = [
  // Pebble tries once, tries one address of a host, and treats only line ends and tabs as white space.
  accept(ofNames('failed-query-is-retried', 'http-01-address-fallback', 'http-01-trailing-space')),
  // Pebble reports both as unauthorized.
  tellAs(ofNames('dns-01-name-server-fails'), 'dns'),
  tellAs(ofNames('tls-alpn-01-no-protocol'), 'tls'),
  // Pebble does not look up CAA records.
  refuse(
    ofNames(
      ...['caa-forbids', 'caa-of-another-issuer', 'below.caa-of-the-parent', 'caa-wildcard', 'caa-critical-property'],
      ...['caa-account-uri', 'caa-validation-methods', 'forbidden.caa-of-one-of-two-names', 'caa-tag-in-capitals'],
      ...['caa-malformed-issue', 'caa-two-account-uris', 'caa-empty-validation-methods'],
    ),
    'caa',
  ),
];
