import { expect, test } from 'vitest';
import { withCode } from '../probes/probe-observation.ts';
import { throughNetworkChanges } from './network-changes.ts';

const changed = () => withCode('net::ERR_NETWORK_CHANGED at https://shop.example/', 'ERR_NETWORK_CHANGED');
const untrusted = withCode('net::ERR_CERT_AUTHORITY_INVALID', 'ERR_CERT_AUTHORITY_INVALID');

/** A navigation that ends with each of these in turn. */
function navigation(...ends: readonly (Error | string)[]) {
  const left = [...ends];
  return async () => {
    const end = left.shift() ?? 'too many navigations';
    if (end instanceof Error) throw end;
    return end;
  };
}

test('navigates again after each change of the network, and counts the changes', async () => {
  const counts: number[] = [];
  const { signal } = new AbortController();
  const page = await throughNetworkChanges(navigation(changed(), changed(), 'page'), (n) => counts.push(n), signal);
  expect(page).toBe('page');
  expect(counts).toEqual([1, 2]);
});

test('gives any other failure, also after a change', async () => {
  const { signal } = new AbortController();
  const failing = throughNetworkChanges(navigation(changed(), untrusted, 'page'), () => {}, signal);
  await expect(failing).rejects.toBe(untrusted);
});

test('gives the change itself once the time is over', async () => {
  const ending = throughNetworkChanges(navigation(changed(), 'page'), () => {}, AbortSignal.abort());
  await expect(ending).rejects.toMatchObject({ code: 'ERR_NETWORK_CHANGED' });
});
