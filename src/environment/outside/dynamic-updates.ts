import type { DynamicUpdates } from '../environment.ts';

/** By BIND's name of a TSIG algorithm, cert-manager's: all that its rfc2136 solver knows (its API reference, ACMEIssuerDNS01ProviderRFC2136). */
const algorithms: ReadonlyMap<string, string> = new Map([
  ['hmac-md5', 'HMACMD5'],
  ['hmac-sha1', 'HMACSHA1'],
  ['hmac-sha256', 'HMACSHA256'],
  ['hmac-sha512', 'HMACSHA512'],
]);

/**
 * How a name server is updated by a key in BIND's syntax, as tsig-keygen(8) writes it and `nsupdate -k` reads it.
 *
 * @param nameServer address:port
 * @throws Error saying what is wrong with the key, without quoting it
 */
export function dynamicUpdates(nameServer: string, key: string): DynamicUpdates {
  const keyName = /\bkey\s+"?([^\s"{;]+)"?\s*\{/.exec(key)?.[1];
  const secret = /\bsecret\s+"?([A-Za-z0-9+/]+=*)"?\s*;/.exec(key)?.[1];
  const named = /\balgorithm\s+"?([^\s";]+)"?\s*;/.exec(key)?.[1]?.toLowerCase();
  if (keyName === undefined || secret === undefined || named === undefined) {
    throw new Error(
      "it is not a TSIG key in BIND's syntax (key NAME { algorithm …; secret …; };), as tsig-keygen writes it",
    );
  }
  const algorithm = algorithms.get(named);
  if (algorithm === undefined) {
    throw new Error(
      `its algorithm is ${named}, and cert-manager's solver knows ${[...algorithms.keys()].join(', ')} only`,
    );
  }
  return { nameServer, keyName, algorithm, secret };
}
