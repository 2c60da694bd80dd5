import { expect, test } from 'vitest';
import type { KubeObject } from '../../../kube/kube-object.ts';
import { stateFrom } from './take-prepared-state.ts';

const pem = (kind: string, content: string) => `-----BEGIN ${kind}-----\n${content}\n-----END ${kind}-----\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const cell = { nodeName: 'padlock-dev', subnet: '10.231.7', cellCertificate: pem('CERTIFICATE', 'cell') };
const istio = { certificate: pem('CERTIFICATE', 'istio'), key: pem('RSA PRIVATE KEY', 'istio') };

const stored = (key: string, text: string) => ({ key, value: Buffer.from(text) });
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'istio-ca-secret', namespace: 'istio-system' },
  data: { 'ca-cert.pem': base64(istio.certificate), 'ca-key.pem': base64(istio.key), 'key.pem': '' },
};
const listedSecret = { key: '/registry/secrets/istio-system/istio-ca-secret', object: secret };

function configMap(name: string, text: string) {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { text } };
  return { key: `/registry/configmaps/default/${name}`, object };
}

test('what is the same in every cell is kept as it is', () => {
  const mesh = configMap('mesh', 'same');
  const values = [stored(mesh.key, 'k8s protobuf same'), stored('/registry/clusterroles/admin', 'rules')];
  const { kept, objects } = stateFrom(values, [mesh], cell);
  expect(kept).toEqual(values);
  expect(objects).toEqual({ authorities: [], objects: [] });
});

test('what is of the cell becomes a copy with marks, and no private key is in the state', () => {
  const roots = configMap('kube-root-ca.crt', cell.cellCertificate);
  const mesh = configMap('istio-ca-root-cert', istio.certificate);
  const values = [listedSecret, roots, mesh].map(({ key, object }) => stored(key, JSON.stringify(object)));
  const { kept, objects } = stateFrom(values, [listedSecret, roots, mesh], cell);
  expect(kept).toEqual([]);
  expect(objects.objects.map(({ key }) => key)).toEqual([listedSecret.key, roots.key, mesh.key]);
  expect(objects.authorities).toEqual([{ id: 'istio', certificate: istio.certificate, keyForm: 'pkcs1' }]);
  const text = JSON.stringify(objects.objects);
  expect(text).toContain('@@padlock key-base64 istio@@');
  expect(text).not.toContain(base64(istio.key));
  expect(JSON.stringify(objects)).not.toContain('PRIVATE KEY');
});

test('a Secret of no known authority is left out: its component makes it again', () => {
  const other = { ...secret, metadata: { name: 'token', namespace: 'default' } };
  const key = '/registry/secrets/default/token';
  const { kept, objects } = stateFrom([stored(key, JSON.stringify(other))], [{ key, object: other }], cell);
  expect([kept, objects.objects]).toEqual([[], []]);
});

test('no state is taken with the certificate of an authority that is not known', () => {
  const bundle = configMap('bundle', pem('CERTIFICATE', 'unknown'));
  const take = () => stateFrom([stored(bundle.key, JSON.stringify(bundle.object))], [bundle], cell);
  expect(take).toThrow(
    'what belongs to this cell would get into others: /registry/configmaps/default/bundle has a certificate or private key',
  );
});

test('no state is taken with the name of the node in a custom resource', () => {
  const key = '/registry/example.com/things/default/a';
  expect(() => stateFrom([stored(key, '{"node":"padlock-dev"}')], [], cell)).toThrow(
    `${key} has the name of the node padlock-dev`,
  );
});

test('no state is taken where the Secret of an authority is empty', () => {
  const empty = { ...secret, data: { 'ca-cert.pem': '' } };
  expect(() => stateFrom([], [{ ...listedSecret, object: empty }], cell)).toThrow(
    '/registry/secrets/istio-system/istio-ca-secret has no ca-cert.pem or no ca-key.pem',
  );
});
