import { probeNames } from '../../evidence/probe-names.ts';
import { texts } from '../../issuance/recorded-object.ts';
import { describeError, httpProbe } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.httpsApplication;
/** In this header a sidecar tells its application by which certificate a client came (Envoy, x-forwarded-client-cert). */
const header = 'X-Forwarded-Client-Cert';

/** Only a sidecar that took the connection by mutual TLS knows the identity of the gateway. */
export const reachedByMutualTls: Check = {
  id: 'reached-by-mutual-tls',
  asserts:
    "The application's sidecar took the gateway's request by mutual TLS, with an identity of the gateway's namespace.",
  judge(evidence) {
    const probe = httpProbe(evidence, probeName);
    if (probe === undefined) return failed(`The evidence has no HTTP probe "${probeName}".`);
    const { outcome } = probe;
    if ('error' in outcome) return failed(`The request ${probe.url} failed: ${describeError(outcome)}.`);
    const [identity] = texts(echoOf(outcome.body), 'headers', header);
    if (identity === undefined)
      return failed(
        `The application got no ${header} with the request ${probe.url}: no sidecar took it by mutual TLS.`,
      );
    const { namespace } = evidence.subject.gateway;
    const uri = /URI=([^;,]*)/.exec(identity)?.[1] ?? '';
    if (!uri.includes(`/ns/${namespace}/`))
      return failed(
        `The client of the application's sidecar was ${uri || 'nobody'}, and not of the namespace ${namespace}.`,
      );
    return passed(`The client of the application's sidecar was ${uri}.`);
  },
};

function echoOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
