import { probeNames } from '../../evidence/probe-names.ts';
import type { ScenarioContext } from './context.ts';
import { within } from './time-limits.ts';

const handshakeEveryMs = 20;
const requestEveryMs = 100;
/** Longer than any scenario may take; a series ends with its scenario. */
const atMostMs = 900_000;

/**
 * Begins to make a new TLS connection to the served host every so many milliseconds (by default 20), as a client that trusts the CA's roots alone. Begin it
 * once a certificate is served: until then each connection fails.
 */
export function beginHandshakes(context: ScenarioContext, everyMs = handshakeEveryMs): void {
  const { outside } = context.parts;
  context.begin(
    outside.tlsSeries({
      ...common(context),
      name: probeNames.handshakes,
      port: 443,
      serverName: context.subject.host,
      intervalMs: everyMs,
    }),
  );
}

/** Opens an HTTP/2 connection to the served host and sends a request on it every 100 ms. */
export function beginOpenConnection(context: ScenarioContext): void {
  const { outside } = context.parts;
  const name = probeNames.openConnection;
  context.begin(
    outside.openConnection({
      ...common(context),
      name,
      url: `https://${context.subject.host}/get?padlock=${name}`,
      intervalMs: requestEveryMs,
    }),
  );
}

function common({ gatewayAddress, caRoots }: ScenarioContext) {
  if (gatewayAddress === null) throw new Error('the gateway has no address yet');
  return {
    address: gatewayAddress,
    trust: 'ca-roots',
    roots: [...caRoots],
    durationMs: atMostMs,
    withinMs: within.request,
  } as const;
}
