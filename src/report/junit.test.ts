import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { junitXml } from './junit.ts';
import type { Report } from './report.ts';
import { exampleFailedScenario, exampleReport, exampleScenario } from './testing/example-report.ts';
import { hostileText, hugeText } from './testing/hostile-text.ts';

interface TestCase {
  '@classname': string;
  '@name': string;
  '@time': string;
  failure?: { '@message': string; '@type': string; '#text': string };
  error?: { '@message': string; '@type': string; '#text': string };
  skipped?: { '@message': string };
  'system-out'?: string;
}

interface Suite {
  [attribute: `@${string}`]: string;
  properties: { property: { '@name': string; '@value': string }[] };
  testcase: TestCase[];
}

interface Suites {
  [attribute: `@${string}`]: string;
  testsuite: Suite[];
}

function parse(report: Report): Suites {
  const xml = junitXml(report);
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    attributeNamePrefix: '@',
    ignoreAttributes: false,
    parseTagValue: false,
    isArray: (name, _path, _leaf, isAttribute) => !isAttribute && ['testsuite', 'testcase', 'property'].includes(name),
  });
  return (parser.parse(xml) as { testsuites: Suites }).testsuites;
}

function suite(report: Report, index = 0): Suite {
  const found = parse(report).testsuite[index];
  if (found === undefined) throw new Error(`there is no suite ${index}`);
  return found;
}

const failed = exampleScenario({
  result: 'failed',
  checks: [
    { id: 'a', asserts: 'A holds.', result: 'failed', message: 'A does not hold.' },
    { id: 'b', asserts: 'B holds.', result: 'skipped', message: 'B is not offered.' },
    { id: 'c', asserts: 'C holds.', result: 'passed', message: 'C was seen.' },
  ],
});

test('a suite per scenario and a test case per check, with times in seconds', () => {
  const report = exampleReport();
  expect(parse(report)).toMatchObject({
    '@name': 'padlock',
    '@tests': '2',
    '@failures': '0',
    '@errors': '0',
    '@time': '62.345',
  });
  const only = suite(report);
  expect(only).toMatchObject({
    '@name': 'http01-ingress',
    '@tests': '2',
    '@skipped': '0',
    '@time': '24.310',
    '@timestamp': '2026-11-24T09:00:20.000Z',
  });
  expect(only.testcase).toMatchObject([
    { '@classname': 'padlock.http01-ingress', '@name': 'account-registered', '@time': '0.000' },
    { '@classname': 'padlock.http01-ingress', '@name': 'backend-answers' },
  ]);
  expect(only.testcase[1]?.['system-out']).toContain('answered 200 over h2');
});

test('phases, settings and versions are properties of the suite', () => {
  const scenarios = [
    exampleScenario({ settings: { waitInsteadOfSelfCheck: '3s' }, expectation: 'It must not issue.' }),
  ];
  const properties = suite(exampleReport({ scenarios })).properties.property;
  const values = Object.fromEntries(properties.map((property) => [property['@name'], property['@value']]));
  expect(values).toMatchObject({
    'component.envoy': '1.40.0',
    'environment.kind': 'cell',
    expectation: 'It must not issue.',
    host: 'a1b2.padlock.test',
    'kubernetes.version': 'v1.37.2',
    'phase.total.seconds': '21.004',
    'setting.waitInsteadOfSelfCheck': '3s',
  });
});

test('a failed check is a failure with its message, a skipped one says why', () => {
  const report = exampleReport({ result: 'failed', scenarios: [failed] });
  expect(parse(report)).toMatchObject({ '@tests': '3', '@failures': '1', '@errors': '0' });
  expect(suite(report)).toMatchObject({ '@skipped': '1' });
  const [a, b] = suite(report).testcase;
  expect(a?.failure).toEqual({
    '@message': 'A does not hold.',
    '@type': 'CheckFailed',
    '#text': 'A holds.\n\nA does not hold.',
  });
  expect(b?.skipped).toEqual({ '@message': 'B is not offered.' });
});

test('a scenario that ended early has a test case for it, with what was last seen', () => {
  const error = { message: 'Certificate was not Ready within 60 s.', lastSeen: 'Ready False (Pending)' };
  const report = exampleReport({
    result: 'error',
    scenarios: [exampleScenario({ result: 'error', error, checks: [] })],
  });
  expect(parse(report)).toMatchObject({ '@tests': '1', '@errors': '1' });
  expect(suite(report).testcase).toMatchObject([
    { '@name': 'scenario', '@time': '24.310', error: { '#text': expect.stringContaining('Last seen: Ready False') } },
  ]);
});

describe('a file without test cases would look like a mistake', () => {
  test('the environment failed', () => {
    const report = exampleReport({ result: 'error', ca: null, scenarios: [], error: { message: 'etcd ended.' } });
    expect(suite(report)).toMatchObject({
      '@name': 'padlock',
      '@errors': '1',
      testcase: [{ '@name': 'environment', error: { '@message': 'etcd ended.' } }],
    });
  });

  test('nothing ran', () => {
    const report = exampleReport({ result: 'partial', scenarios: [] });
    expect(suite(report)).toMatchObject({
      '@skipped': '1',
      testcase: [{ skipped: { '@message': 'no scenario ran' } }],
    });
  });

  test('a scenario did not run', () => {
    const report = exampleReport({
      result: 'partial',
      scenarios: [exampleScenario({ result: 'skipped', checks: [], phases: [] })],
    });
    expect(suite(report).testcase).toMatchObject([{ skipped: { '@message': 'the scenario did not run' } }]);
  });
});

test('hostile text stays text, and within what XML 1.0 can hold', () => {
  const check = { id: 'a', asserts: hostileText, result: 'failed', message: hostileText } as const;
  const scenario = exampleScenario({
    title: hostileText,
    result: 'failed',
    host: 'true',
    settings: { [hostileText]: hostileText },
    checks: [check],
  });
  const report = exampleReport({ result: 'failed', scenarios: [scenario] });
  // The Char production of XML 1.0, section 2.2.
  expect(junitXml(report)).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  const [only] = suite(report).testcase;
  expect(Object.keys(only ?? {})).toEqual(['failure', '@classname', '@name', '@time']);
  expect(only?.failure?.['#text']).toContain(']]> <b attr="x">&amp; &lt; </failure><!-- --> <?php');
  expect(only?.failure?.['#text']).toContain('red \\u0000\\u0008');
  expect(only?.failure?.['@message']).not.toContain('\n');
});

test('huge messages are cut, and say so', () => {
  const check = { id: 'a', asserts: 'A holds.', result: 'failed', message: hugeText } as const;
  const report = exampleReport({
    result: 'failed',
    scenarios: [exampleScenario({ result: 'failed', checks: [check] })],
  });
  expect(junitXml(report).length).toBeLessThan(200_000);
  expect(suite(report).testcase[0]?.failure?.['@message']).toMatch(/… \(\d+ more characters\)$/);
});

describe("Jenkins' schema", async () => {
  const schema = await readFile(path.join(import.meta.dirname, 'junit-schema', 'junit-10.xsd'));

  function validate(xml: string): void {
    using schemaDocument = XmlDocument.fromBuffer(schema);
    using validator = XsdValidator.fromDoc(schemaDocument);
    using document = XmlDocument.fromString(xml);
    validator.validate(document);
  }

  test('is the published one', () => {
    expect(createHash('sha256').update(schema).digest('hex')).toBe(
      'a1a816f58d1bf95ebabf371994df0b9246dee66ea9572fbec4f9296f1b2c0ff6',
    );
  });

  const hostile = exampleScenario({
    title: hostileText,
    result: 'failed',
    settings: { [hostileText]: hostileText },
    checks: [{ id: 'a', asserts: hostileText, result: 'failed', message: hugeText }],
  });
  const error = { message: 'etcd ended.', lastSeen: 'nothing' };
  test.each([
    ['a passed run', exampleReport()],
    ['a run that took hours', exampleReport({ endedAt: '2026-11-24T19:00:00.000Z' })],
    ['failures of every kind', exampleReport({ result: 'failed', scenarios: [exampleFailedScenario(), failed] })],
    ['an environment that failed', exampleReport({ result: 'error', ca: null, scenarios: [], error })],
    ['nothing ran', exampleReport({ result: 'partial', scenarios: [] })],
    [
      'a scenario that did not run',
      exampleReport({ result: 'partial', scenarios: [exampleScenario({ result: 'skipped', checks: [], phases: [] })] }),
    ],
    ['hostile text', exampleReport({ result: 'failed', scenarios: [hostile] })],
  ])('accepts %s', (_, report) => {
    expect(() => validate(junitXml(report))).not.toThrow();
  });

  test.each([
    ['a foreign attribute', (xml: string) => xml.replace('<testsuites', '<testsuites timestamp="now"')],
    ['a suite without its count', (xml: string) => xml.replace(/(<testsuite [^>]*)tests="2"/, '$1')],
    ['a time with a unit', (xml: string) => xml.replace('time="62.345"', 'time="62 s"')],
  ])('is seen refusing %s', (_, spoil) => {
    const xml = junitXml(exampleReport());
    expect(spoil(xml)).not.toBe(xml);
    expect(() => validate(spoil(xml))).toThrow();
  });
});

test('a scenario that is flaky says so with what failed, where CI servers show it', () => {
  const flaky = exampleFailedScenario({ repetitions: ['passed', 'failed', 'passed'] });
  const { properties, testcase } = suite(exampleReport({ scenarios: [flaky] }));
  expect(properties.property).toContainEqual({
    '@name': 'repetitions',
    '@value': 'flaky: passed in 2 of 3 repetitions',
  });
  const messages = testcase.flatMap(({ failure }) => failure?.['@message'] ?? []);
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) expect(message).toMatch(/^flaky: passed in 2 of 3 repetitions; ./);
});
