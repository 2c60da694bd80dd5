import { need } from '../../client/present.ts';
import type { DnsResponder, Responders } from '../../client/responders.ts';
import { UnmetNeed } from '../../client/session.ts';

/** Padlock's own name server. @throws UnmetNeed if none runs: a hook only makes TXT records */
export function ownNameServer({ dns }: Responders): DnsResponder {
  const responder = need(dns, 'dns-01', '--dns');
  if (responder.isOwn) return responder;
  throw new UnmetNeed("only Padlock's own name server can answer this way: give --dns instead of --dns-hook");
}
