import { expect, test } from 'vitest';
import { type CellValues, withMarks, withoutMarks } from './cell-marks.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const pem = (kind: string, content: string) => `-----BEGIN ${kind}-----\n${content}\n-----END ${kind}-----\n`;

const taken: CellValues = {
  nodeName: 'padlock-first',
  subnet: '10.231.7',
  now: '2030-01-01T00:00:00Z',
  certificates: { cell: pem('CERTIFICATE', 'cell one'), istio: pem('CERTIFICATE', 'istio one') },
  keys: { istio: pem('PRIVATE KEY', 'key one') },
};
const restored: CellValues = {
  nodeName: 'padlock-second',
  subnet: '10.231.21',
  now: '2031-01-01T00:00:00Z',
  certificates: { cell: pem('CERTIFICATE', 'cell two'), istio: pem('CERTIFICATE', 'istio two') },
  keys: { istio: pem('PRIVATE KEY', 'key two') },
};

/** An object of every form in which a cell's values are met. */
const objectOf = ({ subnet, certificates, keys }: CellValues) => ({
  status: { loadBalancer: { ingress: [{ ip: `${subnet}.65`, ipMode: 'VIP' }] } },
  data: {
    'ca.crt': certificates.cell,
    'root-cert.pem': (certificates.istio ?? '').trimEnd(),
    bundle: `${certificates.cell}${certificates.istio}`,
    'ca-cert.pem': base64(certificates.istio ?? ''),
    'ca-key.pem': base64(keys.istio ?? ''),
  },
  webhooks: [{ clientConfig: { caBundle: base64(certificates.istio ?? ''), port: 443, optional: null } }],
});

test('what was of one cell is of another after taking and restoring', () => {
  const marked = withMarks(objectOf(taken), taken);
  expect(withoutMarks(marked, restored)).toEqual(objectOf(restored));
});

test('nothing of the cell is left in what was taken', () => {
  const text = JSON.stringify(withMarks(objectOf(taken), taken));
  for (const value of ['10.231.7', 'BEGIN', base64('-----BEGIN').slice(0, 12)]) expect(text).not.toContain(value);
});

test('addresses that only look alike stay', () => {
  const alike = { one: '110.231.7.1', two: '10.231.70.1', three: '10.231.7', four: '1.10.231.7.1' };
  expect(withMarks(alike, taken)).toEqual(alike);
});

test('each mark of a uid becomes another uid', () => {
  const { a, b } = withoutMarks({ a: '@@padlock uid@@', b: '@@padlock uid@@' }, restored) as { a: string; b: string };
  expect(a).toMatch(/^[0-9a-f-]{36}$/);
  expect(a).not.toBe(b);
});

test('a mark without a value is refused', () => {
  expect(() => withoutMarks({ a: '@@padlock certificate unknown@@' }, restored)).toThrow(
    'the prepared state has the unknown mark @@padlock certificate unknown@@',
  );
});
