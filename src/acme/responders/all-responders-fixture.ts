import type { ValidationTargets } from '../loopback/acme-server.ts';
import { type StartedResponders, startResponders } from './start-responders.ts';

const loopback = '127.0.0.1';
const anyPort = { address: loopback, port: 0 };
/** On loopback, so that a connection to it is refused at once. */
export const unansweredAddress = '127.0.0.2';

/** For tests: responders for all challenges, on loopback. */
export interface AllResponders extends AsyncDisposable {
  readonly responders: StartedResponders;
  /** Where a CA must look. */
  readonly targets: ValidationTargets;
}

/** @param domain what the name server is authoritative for */
export async function startAllResponders(domain: string): Promise<AllResponders> {
  const places = { http: anyPort, tlsAlpn: anyPort, dns: anyPort };
  const responders = await startResponders({ ...places, domains: [domain], addresses: [loopback] });
  const { http, dns, tlsAlpn } = responders;
  if (http === null || tlsAlpn === null || dns === null || !('port' in dns)) throw new Error('a responder is missing');
  return {
    responders,
    targets: { httpPort: http.port, tlsPort: tlsAlpn.port, dnsServer: `${loopback}:${dns.port}` },
    [Symbol.asyncDispose]: () => responders[Symbol.asyncDispose](),
  };
}
