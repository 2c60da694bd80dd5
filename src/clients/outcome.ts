import { X509Certificate } from 'node:crypto';
import type { Obtained } from './acme-client.ts';
import type { LaneEnd } from './client-lane.ts';

/** How a client ended. */
export interface ClientEnd extends LaneEnd {
  readonly requests: number;
  readonly seconds: number;
}

/**
 * - `issued`: it has a certificate that fits what it asked for.
 * - `wrong`: it took a certificate that does not fit, without an error.
 * - `clear`: it failed, and its message says what is wrong or which step failed.
 * - `unclear`: it failed, and its message is empty, a stack trace, the bare name of an exception, or only what a parser met.
 * - `hangs`: it was still running at the time limit.
 */
export type Outcome = 'issued' | 'wrong' | 'clear' | 'unclear' | 'hangs';

/** More requests than this for each request of an ordinary issuance are hammering. */
const hammeringRatio = 5;

/** Says what a parser met, a broken program, or nothing but the name of an exception. A word of ACME beside the first makes it clear. */
const parserWords = /invalid character|unexpected (end|eof|token)|expecting value|unterminated|\bEOF\b/i;
const stepWords =
  /urn:ietf:params:acme|\b(order|authori[sz]ation|authz|challenge|nonce|account|certificate|directory|finali[sz]\w*|csr)s?\b|\b[45]\d\d\b/i;
const brokenDown = /Traceback \(most recent call last\)|^panic:|\bgoroutine \d+ \[|\bobject has no attribute\b/m;
const exceptionAlone = /^[\w.]+$/;

function isClear(message: string): boolean {
  if (message === '' || brokenDown.test(message) || exceptionAlone.test(message)) return false;
  return !parserWords.test(message) || stepWords.test(message);
}

/** Judges how a client ended. @param name what it ordered */
export function outcomeOf(end: ClientEnd, name: string): { readonly outcome: Outcome; readonly said: string } {
  const { status, signal, message, obtained } = end;
  if (status === null && signal === null) return { outcome: 'hangs', said: message };
  if (status === 0 && obtained !== null) {
    const misfit = misfitOf(obtained, name);
    return misfit === null ? { outcome: 'issued', said: '' } : { outcome: 'wrong', said: misfit };
  }
  return {
    outcome: signal === null && isClear(message) ? 'clear' : 'unclear',
    said: message === '' ? 'It said nothing.' : message,
  };
}

/** Whether a client sent far more requests than an ordinary issuance takes. @param ordinary requests of an ordinary issuance */
export function hammers({ requests }: Pick<ClientEnd, 'requests'>, ordinary: number): boolean {
  return requests > ordinary * hammeringRatio;
}

/** Why a certificate does not fit what was ordered; null if it does. */
function misfitOf({ chain, publicKey }: Obtained, name: string): string | null {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const [leaf, issuer] = blocks.slice(0, 2).map((block) => new X509Certificate(block));
  if (leaf === undefined) return 'It took an answer without a certificate.';
  if (leaf.checkHost(name) === undefined) return 'The certificate has another name.';
  if (leaf.publicKey.export({ type: 'spki', format: 'pem' }).toString().trim() !== publicKey.trim()) {
    return 'The certificate has another key.';
  }
  if (Date.parse(leaf.validTo) <= Date.now()) return 'The certificate has expired.';
  if (issuer === undefined) return 'The chain has no issuer.';
  return leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)
    ? null
    : 'The chain does not continue with the issuer.';
}
