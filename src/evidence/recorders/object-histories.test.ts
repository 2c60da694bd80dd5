import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../kube/kube-object.ts';
import type { WatchEvent } from '../../kube/watch.ts';
import { ObjectHistories, type ObjectSlice } from './object-histories.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 24, 8, 0, seconds));

function certificate(uid: string, rest: Record<string, unknown> = {}, namespace = 'ns'): KubeObject {
  return { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { name: 'c', namespace, uid }, ...rest };
}

function recorded(...events: [seconds: number, change: WatchEvent['change'], object: KubeObject][]) {
  const histories = new ObjectHistories();
  for (const [seconds, change, object] of events) histories.record({ at: at(seconds), change, object });
  return histories;
}

const outline = (histories: ObjectHistories, slice?: ObjectSlice) =>
  histories
    .slice(slice)
    .map(({ uid, states }) => `${uid}: ${states.map((s) => `${s.change}@${Number(s.at.slice(17, 19))}`).join(' ')}`);

describe('ObjectHistories', () => {
  test('keeps one history for each uid, also of what is deleted', () => {
    const histories = recorded(
      [1, 'existed', certificate('one')],
      [2, 'deleted', certificate('one')],
      [3, 'added', certificate('two')],
    );
    expect(outline(histories)).toEqual(['one: existed@1 deleted@2', 'two: added@3']);
    expect(histories.slice()[0]).toMatchObject({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      namespace: 'ns',
      name: 'c',
      uid: 'one',
    });
  });

  test('drops states without a change', () => {
    const version = (resourceVersion: string, rest = {}) => ({
      ...certificate('one', rest),
      metadata: { name: 'c', namespace: 'ns', uid: 'one', resourceVersion, managedFields: [{ time: resourceVersion }] },
    });
    const histories = recorded(
      [1, 'added', version('1')],
      [2, 'modified', version('2')],
      [3, 'modified', version('3', { status: { revision: 1 } })],
      [4, 'deleted', version('4', { status: { revision: 1 } })],
      [5, 'deleted', version('4', { status: { revision: 1 } })],
    );
    expect(outline(histories)).toEqual(['one: added@1 modified@3 deleted@4']);
  });

  test('redacts', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', uid: 'u' }, data: { k: 'Q0FOQVJZ' } };
    expect(JSON.stringify(recorded([1, 'added', secret]).slice())).not.toContain('Q0FOQVJZ');
  });

  test('slices by time, with what was in force when the slice begins', () => {
    const histories = recorded(
      [1, 'added', certificate('lives')],
      [1, 'added', certificate('dies')],
      [2, 'deleted', certificate('dies')],
      [3, 'modified', certificate('lives', { status: 1 })],
      [5, 'modified', certificate('lives', { status: 2 })],
      [9, 'added', certificate('late')],
    );
    expect(outline(histories, { since: at(4), until: at(8) })).toEqual(['lives: existed@3 modified@5']);
    expect(outline(histories, { since: at(3), until: at(3) })).toEqual(['lives: existed@1 modified@3']);
    expect(histories.slice({ until: at(1) })).toHaveLength(2);
  });

  test('slices by namespace; cluster-scoped objects belong to every slice', () => {
    const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'i', uid: 'cluster' } };
    const histories = recorded(
      [1, 'added', certificate('mine', {}, 'a')],
      [2, 'added', certificate('other', {}, 'b')],
      [3, 'added', issuer],
    );
    expect(outline(histories, { namespaces: ['a'] })).toEqual(['mine: added@1', 'cluster: added@3']);
  });

  test('slices by host: without what is about other hosts, and what that owns', () => {
    const owned = (kind: string, uid: string, owner: string): KubeObject => ({
      apiVersion: 'v1',
      kind,
      metadata: {
        name: uid,
        namespace: 'ns',
        uid,
        ownerReferences: [{ apiVersion: 'x', kind: 'X', name: 'x', uid: owner }],
      },
    });
    const event = (uid: string, about: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: uid, namespace: 'ns', uid },
      involvedObject: { uid: about },
    });
    const histories = recorded(
      [1, 'added', event('event-before-its-object', 'other-pod')],
      [1, 'added', certificate('mine', { spec: { dnsNames: ['a.example.test'] } })],
      [1, 'added', certificate('other', { spec: { dnsNames: ['b.example.test'] } })],
      [1, 'added', owned('CertificateRequest', 'my-request', 'mine')],
      [1, 'added', owned('CertificateRequest', 'other-request', 'other')],
      [1, 'added', owned('Pod', 'other-pod', 'other-request')],
      [1, 'added', owned('Pod', 'gateway-pod', 'a-replica-set')],
      [1, 'added', event('my-event', 'mine')],
    );
    expect(outline(histories, { hosts: ['a.example.test'] }).map((line) => line.split(':')[0])).toEqual([
      'mine',
      'my-request',
      'gateway-pod',
      'my-event',
    ]);
  });
});
