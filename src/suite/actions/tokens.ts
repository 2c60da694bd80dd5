import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { probeNames } from '../../evidence/probe-names.ts';
import type { ScenarioContext } from '../context/context.ts';
import { probeApplicationUntil } from '../context/probes.ts';

const algorithm = { alg: 'ES256', kid: 'padlock' };
/** A path of go-httpbin that a policy can demand a token for. */
const path = '/headers';

/** Somebody who gives out tokens, and somebody else who does so in the same name. Their keys are new in every run. */
interface TokenIssuer {
  /** For manifests: `tokenIssuer`, and `tokenKeys` as the text of a JWK set (RFC 7517 section 5). */
  readonly placeholders: Readonly<Record<'tokenIssuer' | 'tokenKeys', string>>;
  readonly token: string;
  readonly foreignToken: string;
}

/** Makes the keys of an issuer of JSON Web Tokens (RFC 7519), and a token of an hour. */
export async function tokenIssuer({ parts }: Pick<ScenarioContext, 'parts'>): Promise<TokenIssuer> {
  const issuer = `https://tokens.${parts.environment.domain}`;
  const [own, foreign] = await Promise.all([generateKeyPair(algorithm.alg), generateKeyPair(algorithm.alg)]);
  const tokenOf = (key: CryptoKey) =>
    new SignJWT().setProtectedHeader(algorithm).setIssuer(issuer).setSubject('user').setExpirationTime('1h').sign(key);
  const keys = [{ ...(await exportJWK(own.publicKey)), ...algorithm }];
  return {
    // JSON is YAML: a text in quotes.
    placeholders: { tokenIssuer: issuer, tokenKeys: JSON.stringify(JSON.stringify({ keys })) },
    token: await tokenOf(own.privateKey),
    foreignToken: await tokenOf(foreign.privateKey),
  };
}

/**
 * Asks for a path that the gateway demands a token for: without one, with one that somebody else signed, and with the right one.
 * Each waits until the gateway answers as it must, because it learns its configuration without telling anyone.
 */
export async function probeWithTokens(context: ScenarioContext, { token, foreignToken }: TokenIssuer): Promise<void> {
  const { withoutToken, withForeignToken, withToken } = probeNames;
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  await probeApplicationUntil(context, { name: withoutToken, path, status: 403 });
  await probeApplicationUntil(context, { name: withForeignToken, path, status: 401, headers: bearer(foreignToken) });
  await probeApplicationUntil(context, { name: withToken, path, status: 200, headers: bearer(token) });
}
