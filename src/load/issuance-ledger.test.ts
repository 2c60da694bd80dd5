import { expect, test } from 'vitest';
import type { KubeObject } from '../kube/kube-object.ts';
import type { WatchEvent } from '../kube/watch.ts';
import { IssuanceLedger } from './issuance-ledger.ts';
import { hostAt, nameAt } from './load-plan.ts';

const plan = { run: 'run-abc123', domain: 'padlock.test', certificates: 2 };

/** Events of one issuance as the watches of a load deliver them, with their moments in ms. */
class Watched {
  readonly ledger = new IssuanceLedger(plan);
  #at = 1_000;

  take(change: WatchEvent['change'], kind: string, metadata: Partial<KubeObject['metadata']>, more: object = {}): this {
    this.#at += 100;
    const object = { apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'istio-system', ...metadata }, ...more };
    this.ledger.take({ at: new Date(this.#at), change, object });
    return this;
  }
}

const ofCertificate = { annotations: { 'cert-manager.io/certificate-name': nameAt(plan, 1) } };
const challenge = `${nameAt(plan, 1)}-1-1234-5678`;
const solver = {
  ownerReferences: [{ apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge', name: challenge, uid: 'u' }],
  labels: { 'acme.cert-manager.io/http01-solver': 'true' },
};
const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };

test('the moments of a certificate come from its own objects', () => {
  const { ledger } = new Watched()
    .take('added', 'Certificate', { name: nameAt(plan, 1) })
    .take('added', 'CertificateRequest', ofCertificate)
    .take('added', 'Order', ofCertificate, { spec: { dnsNames: [hostAt(plan, 1)] } })
    .take('added', 'Challenge', { name: challenge }, { spec: { dnsName: hostAt(plan, 1) } })
    .take('added', 'Pod', { ...solver, name: 'cm-acme-http-solver-a' })
    .take(
      'modified',
      'Challenge',
      { name: challenge },
      { spec: { dnsName: hostAt(plan, 1) }, status: { presented: true } },
    )
    .take(
      'modified',
      'Challenge',
      { name: challenge },
      { spec: { dnsName: hostAt(plan, 1) }, status: { state: 'valid' } },
    )
    .take('deleted', 'Pod', { ...solver, name: 'cm-acme-http-solver-a' })
    .take('modified', 'Certificate', { name: nameAt(plan, 1) }, ready)
    .take('modified', 'Certificate', { name: nameAt(plan, 1) }, ready);
  ledger.note(1, 'served', 5_000);
  ledger.note(1, 'served', 6_000);
  expect(ledger.records).toEqual([
    {},
    { ordered: 1_300, challenged: 1_400, presented: 1_600, valid: 1_700, ready: 1_900, served: 5_000 },
  ]);
  expect(ledger.ready).toEqual({ count: 1, lastAt: 1_900 });
  expect(ledger.mostSolverPods).toBe(1);
  const stored = Object.fromEntries(ledger.stored.map(({ kind, objects, writes }) => [kind, [objects, writes]]));
  expect(stored).toEqual({
    ...{ Certificate: [1, 3], CertificateRequest: [1, 1], Order: [1, 1], Challenge: [1, 3], Pod: [1, 1] },
  });
});

test('a certificate that is Ready is told of once', () => {
  const watched = new Watched();
  const told: number[] = [];
  watched.ledger.onReady = (index) => told.push(index);
  watched.take('modified', 'Certificate', { name: nameAt(plan, 0) }, ready);
  watched.take('modified', 'Certificate', { name: nameAt(plan, 0) }, ready);
  expect(told).toEqual([0]);
});

test('objects of others are not counted', () => {
  const { ledger } = new Watched()
    .take('added', 'Certificate', { name: 'somebody-elses' }, ready)
    .take('added', 'Certificate', { name: nameAt(plan, 2) }, ready)
    .take('added', 'Certificate', { name: 'load-xyz-0' }, ready)
    .take('added', 'Challenge', {}, { spec: { dnsName: 'c0.elsewhere.example' } })
    .take('added', 'Secret', {})
    .take('added', 'Pod', { labels: solver.labels });
  expect(ledger.stored).toEqual([]);
  expect(ledger.ready.count).toBe(0);
});

test('what Challenges say is kept without their hosts, until they are valid', () => {
  const waiting = (name: string, host: number) => ({
    spec: { dnsName: hostAt(plan, host) },
    status: { reason: `Waiting for http://${hostAt(plan, host)}/x: 503`, name },
  });
  const watched = new Watched();
  watched
    .take('added', 'Challenge', { name: 'a' }, waiting('a', 0))
    .take('added', 'Challenge', { name: 'b' }, waiting('b', 1));
  expect(watched.ledger.reasons).toEqual([['Waiting for http://HOST 503', 2]]);
  watched.take('deleted', 'Challenge', { name: 'a' }, waiting('a', 0));
  expect(watched.ledger.reasons).toEqual([['Waiting for http://HOST 503', 1]]);
});

test('managed fields are not what is stored for the certificate', () => {
  const sizeWith = (metadata: object) =>
    new Watched().take('added', 'Certificate', { name: nameAt(plan, 0), ...metadata }).ledger.stored[0]?.bytes;
  expect(sizeWith({ managedFields: [{ manager: 'x'.repeat(1_000) }] })).toBe(sizeWith({}));
});

test('of a Secret its size is kept, and nothing of its content', () => {
  const key = 'Y2FuYXJ5LW9mLWEta2V5';
  const { ledger } = new Watched().take('added', 'Secret', { ...ofCertificate }, { data: { 'tls.key': key } });
  expect(ledger.stored[0]?.bytes).toBeGreaterThan(key.length);
  expect(JSON.stringify([ledger.stored, ledger.records, ledger.reasons])).not.toContain(key);
});
