import { readFile } from 'node:fs/promises';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { expect, test } from 'vitest';
import type { Conformance } from '../../acme/runner/conformance.ts';
import type { Expectation } from '../../acme/runner/expectations.ts';
import { exampleCheck, exampleConformance } from '../../acme/testing/example-conformance.ts';
import { hostileText, hugeText } from '../testing/hostile-text.ts';
import { conformanceAnnotations } from './conformance-annotations.ts';
import { conformanceJunit } from './conformance-junit.ts';
import { conformanceMarkdown } from './conformance-markdown.ts';

const algNone = exampleCheck({ id: 'alg-none', section: '6.2', verdict: 'failed', message: 'It was taken.' });
const failed = exampleConformance({ result: 'failed', checks: [exampleCheck(), algNone] });

const known: Expectation = {
  ...{ check: 'alg-none', verdict: 'failed', reason: 'old library', issue: 'ISSUE-7', expires: '2027-03-31' },
  sometimes: false,
};

/** The same run with this deviation expected. */
const expected: Conformance = { ...failed, gate: { result: 'unchanged', changes: [], known: [known], notJudged: [] } };

/** The same run with another deviation expected. */
const unexpected: Conformance = {
  ...failed,
  gate: {
    ...{ result: 'changed', known: [], notJudged: [] },
    changes: [
      { check: 'alg-none', expected: 'passed', seen: 'failed', message: 'It was taken.' },
      { check: 'replayed-nonce', expected: 'failed', seen: 'passed', message: 'Refused.' },
    ],
  },
};

test('a violated MUST is a failure in JUnit, unless it is expected', () => {
  expect(conformanceJunit(failed)).toContain('<failure message="It was taken." type="RequirementViolated">');
  const xml = conformanceJunit(expected);
  expect(xml).not.toContain('<failure');
  expect(xml).toContain('<skipped message="known until 2027-03-31: old library (ISSUE-7)"/>');
  const changed = conformanceJunit(unexpected);
  expect(changed).toContain('message="alg-none is new and failed: It was taken."');
  expect(changed).toContain('replayed-nonce was expected to be failed and passed: remove it from the expectations.');
});

test('JUnit follows the schema, whatever a CA says', async () => {
  const schema = await readFile(new URL('../junit-schema/junit-10.xsd', import.meta.url), 'utf8');
  using xsd = XmlDocument.fromString(schema);
  using validator = XsdValidator.fromDoc(xsd);
  const nasty = exampleConformance({
    problems: [hostileText],
    error: hostileText,
    checks: [exampleCheck({ message: hugeText, verdict: 'failed' }), exampleCheck({ id: 'b', verdict: 'not-claimed' })],
  });
  for (const conformance of [failed, expected, unexpected, nasty]) {
    using document = XmlDocument.fromString(conformanceJunit(conformance));
    expect(() => validator.validate(document)).not.toThrow();
  }
});

test('annotations are errors for what is violated, or with expectations for what changed', () => {
  expect(conformanceAnnotations(failed)).toEqual([
    '::error title=Padlock%3A alg-none::RFC 8555 section 6.2: It was taken.',
  ]);
  expect(conformanceAnnotations(expected)).toEqual([]);
  expect(conformanceAnnotations(unexpected)).toHaveLength(2);
  expect(conformanceAnnotations(exampleConformance({ problems: ['No account.'] }))).toEqual([
    '::warning title=Padlock%3A not everything was judged::No account.',
  ]);
});

test('the summary begins with what must be looked at', () => {
  const text = conformanceMarkdown({
    ...unexpected,
    declaration: {
      implementation: {
        ...{ organization: 'Example Trust', project: 'Example CA', url: 'https://ca.test', version: '4.2' },
        contact: ['acme@ca.test'],
      },
      ...{ mode: 'default', features: ['wildcards'] },
    },
    features: [{ name: 'wildcards', title: 'Wildcards.', claimed: true, passed: 1, failed: 0, warned: 0, skipped: 2 }],
  });
  expect(text.split('\n')[0]).toBe('# ACME conformance: ❌ failed');
  expect(text).toContain('Example Trust Example CA 4.2, mode default, at `https://ca.test/directory`');
  expect(text.indexOf('Not as expected')).toBeLessThan(text.indexOf('Violated'));
  expect(text).toContain('| `wildcards` | yes | 1 | 0 | 0 | 2 |');
  expect(conformanceMarkdown(expected)).toContain('As expected, with 1 known deviation.');
});

test('what a CA says is no markup of the summary', () => {
  const text = conformanceMarkdown(exampleConformance({ problems: [hostileText], error: hostileText }));
  expect(text).not.toContain('<script>');
  expect(text).not.toContain('\u202e');
});
