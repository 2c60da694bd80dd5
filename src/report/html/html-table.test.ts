import { expect, test } from 'vitest';
import { facts, sentences, settingsList, table } from './html-table.ts';

test('a table scrolls in a named region that takes the focus, and its headings have a scope', () => {
  const page = String(
    table('Phases of <a>', [{ heading: 'Phase' }, { heading: 'Time', style: 'narrow' }], [['total', '<1 s']]),
  );
  expect(page).toContain('<div class="scroll" role="region" aria-label="Phases of &lt;a&gt;" tabindex="0"><table>');
  expect(page).toContain('<th scope="col" class="narrow">Time</th>');
  expect(page).toContain('<th scope="row" class="">total</th><td class="narrow">&lt;1 s</td>');
});

test('facts without a description are left out', () => {
  expect(String(facts(['Host', 'a.test'], ['Shard', null], ['Note', '']))).toBe(
    '<dl class="facts"><div><dt>Host</dt><dd>a.test</dd></div></dl>',
  );
});

test('lists of nothing are nothing', () => {
  expect(sentences([])).toBeNull();
  expect(settingsList({})).toBeNull();
  expect(String(sentences(['A.']))).toBe('<ul><li>A.</li></ul>');
  expect(String(settingsList({ a: '1' }))).toBe('<ul class="plain"><li><code>a: 1</code></li></ul>');
});
