import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { actionNames } from '../../evidence/action-names.ts';
import { scaled } from '../../time-scale.ts';
import type { ScenarioContext } from '../context/context.ts';

/** Ten times what a good Secret takes to be served on an idle machine; there is nothing to wait for where nothing may happen. */
const eachMs = scaled(2_000);

/** The kinds of Secret that no gateway can serve, and what each has instead of a certificate and its key. */
const kinds: readonly (readonly [what: string, data: (good: TlsData) => Partial<TlsData>])[] = [
  ['a key of another certificate', () => ({ 'tls.key': anotherKey() })],
  ['a key that is no PEM', () => ({ 'tls.key': base64('not a key') })],
  ['a certificate that is no PEM', () => ({ 'tls.crt': base64('not a certificate') })],
  ['an empty certificate', () => ({ 'tls.crt': '' })],
  ['half of the certificate', (good) => ({ 'tls.crt': base64(halfOf(good['tls.crt'])) })],
];

interface TlsData {
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
}

/** Makes the scenario's Secret invalid in each of five ways, one after another, and good again in between. */
export async function storeInvalidSecrets(context: ScenarioContext): Promise<void> {
  const { kube, parts } = context;
  const ref = { apiVersion: 'v1', kind: 'Secret', ...context.subject.secret };
  const secret = await kube.get(ref, parts.signal);
  const data = new Map(Object.entries(secret?.data ?? {}));
  const good: TlsData = { 'tls.crt': String(data.get('tls.crt') ?? ''), 'tls.key': String(data.get('tls.key') ?? '') };
  for (const [what, change] of kinds) {
    context.note(actionNames.invalidSecret, what);
    await kube.patch(ref, { data: { ...good, ...change(good) } }, parts.signal);
    await delay(eachMs, undefined, { signal: parts.signal });
  }
  context.note(actionNames.invalidSecret, 'none any more');
  await kube.patch(ref, { data: { ...good } }, parts.signal);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function halfOf(encoded: string): string {
  const pem = Buffer.from(encoded, 'base64').toString();
  return pem.slice(0, pem.indexOf('-----END') / 2);
}

function anotherKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return base64(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}
