import { renewalInfoRefused } from './renewal-info-refused.ts';

export default renewalInfoRefused(404, {
  title: 'A renewal although the CA knows nothing of the certificate when it is asked about the renewal (RFC 9773)',
  why: 'A CA forgets certificates of before a migration. A client that waits for its advice lets them expire.',
});
