import { accept, ofNames, refuse, tellAs } from './decide-otherwise.ts';
import type { Deviation } from './deviation.ts';

/**
 * For tests: what Pebble's validations depart in from the RFCs (docs/ca-results/pebble.md), mended by name. Each takes what
 * the one before it left.
 */
export const mendedValidations: readonly Deviation['apply'][] = [
  // It tries once, tries one address of a host, and takes only line ends and tabs for white space.
  accept(ofNames('failed-query-is-retried', 'http-01-address-fallback', 'http-01-trailing-space')),
  // It tells both as unauthorized.
  tellAs(ofNames('dns-01-name-server-fails'), 'dns'),
  tellAs(ofNames('tls-alpn-01-no-protocol'), 'tls'),
  // It does not look at CAA records.
  refuse(
    ofNames(
      ...['caa-forbids', 'caa-of-another-issuer', 'below.caa-of-the-parent', 'caa-wildcard', 'caa-critical-property'],
      ...['caa-account-uri', 'caa-validation-methods'],
    ),
    'caa',
  ),
];
