import { type Cell, scenario, startCell } from 'padlock';
import 'padlock/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';

let cell: Cell;

beforeAll(async () => {
  cell = await startCell();
});

afterAll(async () => {
  await cell[Symbol.asyncDispose]();
});

/** What is the same in each scenario below. */
const common = { title: 'A mistake', manifests: import.meta.dirname, checks: ['order-completed'] };

test('our manifests get a certificate and serve it', async () => {
  const outcome = await cell.run('my-scenarios/shop-of-a-team', { browser: false });
  expect(outcome.error).toBeNull();
  expect(outcome.result).toBe('passed');
  expect(outcome).toPass('challenge-routed-through-gateway');
  expect(outcome.evidence).toPass('http01');
  expect(() => expect(outcome).toPass('challenges-by-dns01')).toThrow(/^challenges-by-dns01 failed: /);
  expect(outcome.evidence.subject.host).toMatch(/^shop-of-a-team-[0-9a-f]{6}\.padlock\.test$/);
});

test('the CA and the names of the cell', async () => {
  expect(cell.ca.directoryUrl).toMatch(/^https:/);
  expect(cell.ca.directoryRoot).toContain('BEGIN CERTIFICATE');
  expect(cell.ca.roots[0]).toContain('BEGIN CERTIFICATE');
  await cell.pointHostAt(`shop.${cell.domain}`, 'gateway');
  await cell.pointHostAt(`shop.${cell.domain}`, '192.0.2.1');
  await expect(cell.pointHostAt('shop.example.com', 'gateway')).rejects.toThrow(
    `The cell can point only names below ${cell.domain} at addresses, not shop.example.com.`,
  );
});

test.each([
  {
    id: 'throws',
    async act() {
      throw new Error('Nothing to sell.');
    },
    error: /^Nothing to sell \(.*\/shop\.test\.ts:\d+\)$/,
  },
  {
    id: 'hangs',
    timeLimitMs: 500,
    act: () => new Promise<void>(() => {}),
    error: /^hangs did not end within its [\d.]+ s \(.*shop/,
  },
  {
    id: 'outside',
    act: (steps: Parameters<Parameters<typeof scenario>[0]['act']>[0]) => steps.apply('outside.yaml'),
    error:
      /^It applies ConfigMap kube-system\/prices outside its namespaces \(.*\/outside\.yaml:2\): use \$\{namespace\}, or add kube-system to its namespaces, which are outside-[0-9a-f]{6} \(.*\/shop\.test\.ts:\d+\)$/,
  },
])('a scenario that $id ends with an error that names the place', async ({ error, ...mistake }) => {
  const outcome = await cell.run(scenario({ ...common, ...mistake }), { browser: false });
  // Without an issuance, its check fails, too.
  expect(outcome.result).toBe('failed');
  expect(outcome.error).toMatch(error);
});
