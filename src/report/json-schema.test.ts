import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { publishedSchemas } from './json-schema.ts';
import { exampleReport, exampleScenario } from './testing/example-report.ts';

const folder = new URL('../../reports/schema/', import.meta.url);

function committed(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, unknown>;
}

function complaints(file: string, document: unknown): string[] {
  // Formats are annotations in draft 2020-12; the times have a pattern beside theirs.
  const validate = new Ajv2020({ strict: true, allErrors: true, validateFormats: false }).compile(committed(file));
  // As a reader gets it: without what JSON leaves out.
  validate(JSON.parse(JSON.stringify(document)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The fields without a description, by their path. */
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]: [string, unknown]) => {
    if (name !== 'properties') return undescribed(value, path);
    return Object.entries(value as Record<string, object>).flatMap(([field, of]) => [
      ...('description' in of ? [] : [`${path}/${field}`]),
      ...undescribed(of, `${path}/${field}`),
    ]);
  });
}

test.each(publishedSchemas())('the committed $file matches the sources', ({ file, schema }) => {
  expect(committed(file), `reports/schema/${file} is not up to date: run \`npm run schemas\` and commit it`).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});

describe('report.schema.json', () => {
  test('takes a passed report', () => {
    expect(complaints('report.schema.json', exampleReport())).toEqual([]);
  });

  test('takes a report with everything that is optional', () => {
    const error = { message: 'Certificate was not Ready within 60 s.', lastSeen: 'Ready False' };
    const scenario = exampleScenario({ result: 'error', error, expectation: 'It issues.', phases: [] });
    expect(complaints('report.schema.json', exampleReport({ result: 'error', scenarios: [scenario], error }))).toEqual(
      [],
    );
  });

  test('takes a report without CA, scenarios and times', () => {
    const timings = { buildMs: null, upMs: null, runMs: null, downMs: null };
    const report = exampleReport({ result: 'partial', ca: null, scenarios: [], components: [], timings });
    expect(complaints('report.schema.json', report)).toEqual([]);
  });

  test('rejects documents that do not match the format', () => {
    expect(complaints('report.schema.json', { ...exampleReport(), durationMs: 1 })).toEqual([
      ' must NOT have additional properties',
    ]);
    expect(complaints('report.schema.json', { ...exampleReport(), schemaVersion: 5 })).toHaveLength(1);
    expect(complaints('report.schema.json', exampleReport({ startedAt: '2026-11-24T09:00:00+01:00' }))).toHaveLength(1);
    expect(
      complaints('report.schema.json', exampleReport({ scenarios: [exampleScenario({ id: '../a' })] })),
    ).toHaveLength(1);
  });

  test('describes every field', () => {
    expect(undescribed(committed('report.schema.json'), '')).toEqual([]);
  });
});

describe('evidence.schema.json', () => {
  test('takes evidence of either solver', async () => {
    expect(complaints('evidence.schema.json', await goodEvidence())).toEqual([]);
    expect(complaints('evidence.schema.json', await goodEvidence({ solver: 'gateway-httproute' }))).toEqual([]);
  });

  test('rejects documents that do not match the format', async () => {
    expect(complaints('evidence.schema.json', { ...(await goodEvidence()), schemaVersion: 4 })).toHaveLength(1);
  });
});
