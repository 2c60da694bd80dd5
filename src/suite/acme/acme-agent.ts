/**
 * An ACME client outside the cluster, next to the CA: see acme-protocol.ts. Keys come on stdin only and are not stored. It ends
 * with its one answer.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { jsonObject } from '../../acme/client/answer.ts';
import { AcmeSession } from '../../acme/client/session.ts';
import type { SigningKey } from '../../acme/client/signing-key.ts';
import { HttpsTransport } from '../../acme/client/transport.ts';
import { type AcmeAnswer, acmeRequestSchema } from './acme-protocol.ts';

async function answer(): Promise<AcmeAnswer> {
  const { directoryUrl, trustedRoots, revoke } = acmeRequestSchema.parse(JSON.parse(await text(process.stdin)));
  await using transport = new HttpsTransport(trustedRoots === null ? {} : { trustedRoots });
  const session = new AcmeSession({ directoryUrl, transport, userAgent: 'padlock', domain: '' });
  await session.resource('newOrder');
  const { profiles } = await session.meta();
  const known = typeof profiles === 'object' && profiles !== null ? Object.keys(profiles) : [];
  const revocations: AcmeAnswer['revocations'] = [];
  if (revoke !== null) {
    const by = await signingKey(revoke.privateKey);
    const url = await session.resource('revokeCert');
    const certificate = new X509Certificate(revoke.certificate).raw.toString('base64url');
    for (let time = 1; time <= 2; time += 1) {
      const answered = await session.post({ url, by, payload: { certificate } });
      const type = jsonObject(answered)?.type;
      const error = typeof type === 'string' ? type : null;
      revocations.push({ at: new Date().toISOString(), status: answered.status, error });
    }
  }
  return { profiles: known, revocations };
}

async function signingKey(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem);
  const publicJwk = await exportJWK(createPublicKey(privateKey));
  const algorithm = privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256';
  return { algorithm, privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

const said = await answer().catch((error: Error) => ({ refused: error.message }));
process.stdout.write(JSON.stringify(said));
