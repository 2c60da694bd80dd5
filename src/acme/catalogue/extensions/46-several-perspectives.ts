import { BlockList, isIP } from 'node:net';
import { anyHonestAttempt } from '../../client/attempt.ts';
import { UnmetNeed } from '../../client/session.ts';
import { type CheckFinding, failed, passed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

/** Addresses that do not tell one place of the Internet from another (RFC 6890). */
const local = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  local.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  local.addSubnet(net, prefix, 'ipv6');
}

/** An IPv4 address may arrive mapped into IPv6 (RFC 4291 section 2.5.5.2), and an IPv6 address with its zone. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function isLocal(address: string): boolean {
  const family = isIP(address);
  return family === 0 || local.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** From how many places a validation came. @param sources the addresses of its requests */
export function judgePerspectives(sources: readonly string[]): CheckFinding {
  const distinct = [...new Set(sources.map(plain))];
  const remote = distinct.filter((address) => !isLocal(address));
  if (remote.length === 0) {
    return skipped(
      `the validation came from ${distinct.join(', ') || 'nowhere that was seen'}: private addresses do not tell how many places the CA has`,
    );
  }
  const message = `The validation came from ${remote.length} address${remote.length === 1 ? '' : 'es'}: ${remote.join(', ')}.`;
  return (remote.length > 1 ? passed : failed)(message);
}

export const severalPerspectives = group(46, 'Several perspectives', {
  runs: 'progress',
  checks: [
    // RFC 8555 section 10.2: A server validates from several points of the network, so that nobody can deceive it near one.
    {
      ...standard,
      id: 'validates-from-several-places',
      section: '10.2',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The requests of a validation come from more than one address.',
      async run(session) {
        const made = await anyHonestAttempt(session);
        const { http, dns, tlsAlpn } = session.responders;
        const { host } = made;
        if (made.challenge.type === 'dns-01' && dns?.isOwn !== true) {
          throw new UnmetNeed('a DNS hook does not see who asks');
        }
        const seen =
          made.challenge.type === 'http-01'
            ? http?.requests(host)
            : made.challenge.type === 'dns-01'
              ? dns?.queries(`_acme-challenge.${host}`)
              : tlsAlpn?.connections(host);
        return judgePerspectives((seen ?? []).filter(({ at }) => at >= made.since).map(({ from }) => from));
      },
    },
  ],
  provenByUnitTest: ['validates-from-several-places'],
  deviations: [],
});
