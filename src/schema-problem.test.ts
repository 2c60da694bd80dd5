import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaProblem } from './schema-problem.ts';

const value = z.union([z.string(), z.array(z.string())]);
const schema = z.strictObject({
  kind: z.literal('Cluster').optional(),
  run: z.record(z.string(), value).optional(),
  axes: z.record(z.string(), z.array(z.string()).min(1)).optional(),
});

test.each([
  ['text', 'must be a mapping'],
  [{ runs: {} }, 'has the unknown key "runs"'],
  [{ kind: 'Node' }, 'kind must be "Cluster"'],
  [{ axes: [] }, 'axes must be a mapping'],
  [{ axes: { istio: '1.30.1' } }, 'axes.istio must be a list'],
  [{ axes: { istio: [] } }, 'axes.istio needs at least 1 entry'],
  [{ axes: { istio: [{}] } }, 'axes.istio.0 must be text'],
  [{ run: { environment: {} } }, 'run.environment must be text or a list of texts'],
])('%j: %s', (document, words) => {
  const { error } = schema.safeParse(document);
  expect(error && schemaProblem(error, 'text or a list of texts')).toBe(words);
});
