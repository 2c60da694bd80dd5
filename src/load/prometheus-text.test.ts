import fc from 'fast-check';
import { expect, test } from 'vitest';
import { samplesIn, sumOf, sumsBy } from './prometheus-text.ts';

const text = `# HELP apiserver_request_total [STABLE] Counter of apiserver requests
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",resource="secrets",verb="GET"} 12
apiserver_request_total{code="201",resource="secrets",verb="GET"} 3
apiserver_request_total{code="201",resource="orders",verb="POST"} 5 1764295200000
process_cpu_seconds_total 1.25
apiserver_request_total_other 99
path{name="C:\\\\DIR\\"x\\n"} 4
broken{ 1
process_resident_memory_bytes NaN
`;

test('the samples of the wanted metrics are read, and nothing else', () => {
  const samples = samplesIn(text, ['apiserver_request_total', 'process_cpu_seconds_total', 'broken', 'path']);
  expect(sumOf(samples, 'apiserver_request_total')).toBe(20);
  expect(sumOf(samples, 'process_cpu_seconds_total')).toBe(1.25);
  expect(sumOf(samples, 'broken')).toBeNull();
  expect(samples.at(-1)).toEqual({ name: 'path', labels: { name: 'C:\\DIR"x\n' }, value: 4 });
  const sums = sumsBy(samples, 'apiserver_request_total', ({ verb, resource }) => `${verb} ${resource}`);
  expect([...sums]).toEqual([
    ['GET secrets', 15],
    ['POST orders', 5],
  ]);
});

test('a value that is no number is no sample', () => {
  expect(sumOf(samplesIn(text, ['process_resident_memory_bytes']), 'process_resident_memory_bytes')).toBeNull();
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, after) => {
      const samples = samplesIn(`${before}\nm{a="${after}"} 1\n${after}`, ['m']);
      expect(samples.every(({ name, value }) => name === 'm' && Number.isFinite(value))).toBe(true);
    }),
  );
});
