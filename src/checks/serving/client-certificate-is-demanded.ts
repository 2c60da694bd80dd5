import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, httpProbe } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.httpsApplication;
/** OpenSSL's name of the alert certificate_required (RFC 8446 section 6.2); TLS 1.2 has only handshake_failure. */
const demands = ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'];

/** In TLS 1.3 the server has shown its certificate before it looks for that of the client, so both can be judged. */
export const clientCertificateIsDemanded: Check = {
  id: 'client-certificate-is-demanded',
  asserts: 'A request over HTTPS without a client certificate is refused with the TLS alert that demands one.',
  judge(evidence) {
    const probe = httpProbe(evidence, probeName);
    if (probe === undefined) return failed(`The evidence has no HTTP probe "${probeName}".`);
    const { outcome } = probe;
    if (!('error' in outcome))
      return failed(`The request ${probe.url} without a client certificate was answered ${outcome.status}.`);
    if (!demands.includes(outcome.code ?? ''))
      return failed(
        `The request ${probe.url} should have been refused because a client certificate is missing, but failed with ${describeError(outcome)}.`,
      );
    return passed(`The request ${probe.url} without a client certificate was refused: ${describeError(outcome)}.`);
  },
};
