import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, tlsProbe } from '../../issuance/recorded-probe.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const { tlsTrusted, tlsSecondGateway } = probeNames;

/** Each gateway asks istiod for the Secret by itself. */
export const secondGatewayServesTheSecret: Check = {
  id: 'second-gateway-serves-the-secret',
  asserts:
    'The second gateway, at another address, serves the leaf of the Secret, and a client with the roots of the CA trusts it.',
  judge(evidence) {
    const [first, second] = [tlsProbe(evidence, tlsTrusted), tlsProbe(evidence, tlsSecondGateway)];
    if (second === undefined) return failed(`The evidence has no TLS probe "${tlsSecondGateway}".`);
    if (first?.address === second.address)
      return failed(`Both TLS probes went to ${second.address}: the second gateway was not asked.`);
    if ('error' in second.outcome)
      return failed(`The second gateway, at ${second.address}, served nothing: ${describeError(second.outcome)}.`);
    const { chain, authorized, authorizationError } = second.outcome;
    const served = chain[0];
    const stored = secretLeaves(evidence).at(-1)?.leaf;
    if (stored === undefined) return failed('No leaf was recorded in the Secret.');
    if (served?.fingerprintSha256 !== stored.fingerprintSha256)
      return failed(
        `The second gateway, at ${second.address}, served ${served?.serialNumber ?? 'no certificate'}, and the Secret holds ${stored.serialNumber}.`,
      );
    if (!authorized) return failed(`A client of the second gateway did not trust it: ${authorizationError}.`);
    return passed(`The gateway at ${second.address} served ${stored.serialNumber}, too.`);
  },
};
