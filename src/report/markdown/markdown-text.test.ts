import { expect, test } from 'vitest';
import { hostileText } from '../testing/hostile-text.ts';
import { code, codeBlock, plain, row, tableHead } from './markdown-text.ts';

test.each([
  ['a | b', 'a \\| b'],
  ['route_not_found `x` *y* ~z~ $1$', 'route\\_not\\_found \\`x\\` \\*y\\* \\~z\\~ \\$1\\$'],
  ['<script>&amp;', '&lt;script&gt;&amp;amp;'],
  ['[a](b) ![c](d)', '\\[a\\](b) !\\[c\\](d)'],
  ['back\\slash', 'back\\\\slash'],
  ['# no heading', '\\# no heading'],
  ['- no item', '\\- no item'],
  ['--- no rule', '\\--- no rule'],
  ['1. no item', '1\\. no item'],
  ['@team', '&#64;team'],
  ['one\r\ntwo', 'one two'],
])('%j is text', (text, markdown) => {
  expect(plain(text)).toBe(markdown);
});

test.each([
  ['plain', '`plain`'],
  ['a`b', '``a`b``'],
  ['`a`', '`` `a` ``'],
  ['a|b', '`a\\|b`'],
  ['', ''],
])('%j is code', (text, markdown) => {
  expect(code(text)).toBe(markdown);
});

test('a block of code cannot be ended by what it holds', () => {
  expect(codeBlock('a\n```\nb')).toBe('````text\na\n```\nb\n````');
});

test('hostile text stays on its line and in its cell', () => {
  const line = row(plain(hostileText), code(hostileText));
  expect(line).not.toContain('\n');
  expect(line.match(/(?<!\\)\|/g)).toHaveLength(3);
  expect(plain(hostileText)).not.toMatch(/[<>]/);
});

test('a table begins with its titles and a rule', () => {
  expect(tableHead('A', 'B')).toBe('| A | B |\n| --- | --- |');
});

test('text is cut at its limit before it is escaped', () => {
  expect(plain('||||||', 3)).toBe('\\|\\|\\| … (3 more characters)');
  expect(code('``````', 3)).toMatch(/^```` ``` … \(3 more characters\)````$|^```` ``` … /);
});
