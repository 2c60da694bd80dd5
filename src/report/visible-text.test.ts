import { expect, test } from 'vitest';
import { shortened, visibleLine, visibleText } from './visible-text.ts';

test('leaves ordinary text of any script alone, with its tabs and lines', () => {
  expect(visibleText('Zertifikat für münchen.example\n\t證書 🔒')).toBe('Zertifikat für münchen.example\n\t證書 🔒');
});

test('removes colours and shows every other control character', () => {
  expect(visibleText('\u001b[31mred\u001b[0m')).toBe('red');
  expect(visibleText('a\u0000b\u0007c\u007fd\u0085e')).toBe('a\\u0000b\\u0007c\\u007fd\\u0085e');
});

test('shows controls that turn the reading direction, and line separators', () => {
  expect(visibleText('a\u202eb\u2028c\u2066d')).toBe('a\\u202eb\\u2028c\\u2066d');
});

test('replaces invalid Unicode', () => {
  expect(visibleText('a\ud800b')).toBe('a\ufffdb');
  expect(visibleText('a\uffffb')).toBe('a\\uffffb');
});

test('makes line ends one line feed, and a line one line', () => {
  expect(visibleText('a\r\nb\rc')).toBe('a\nb\nc');
  expect(visibleLine('  a\r\n\n  b\tc ')).toBe('a b c');
});

test('shortens without cutting a character in two, and says by how much', () => {
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortened('abcdef', 3)).toBe('abc … (3 more characters)');
  expect(shortened('ab🔒cd', 3)).toMatch(/^ab … \(4 more/);
});
