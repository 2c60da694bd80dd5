import { renewalInfoRefused } from '../renewal-info-404/renewal-info-refused.ts';

export default renewalInfoRefused(500, {
  title: 'A renewal although the CA fails whenever it is asked about the renewal (RFC 9773)',
  why: 'Renewal information is advice. A CA whose service for it is down must not keep a client from renewing, and must not be asked in a loop.',
});
