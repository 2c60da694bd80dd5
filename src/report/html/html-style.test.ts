import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { styleSheet, styleSheetHash } from './html-style.ts';

test('the hash is the one that a browser computes', () => {
  expect(styleSheetHash).toBe(`sha256-${createHash('sha256').update(styleSheet, 'utf8').digest('base64')}`);
});

test('nothing is loaded, and nothing in it could end its element', () => {
  expect(styleSheet).not.toMatch(/url\(|@import|@font-face|</);
});

test('every custom property that is used is set', () => {
  const set = new Set([...styleSheet.matchAll(/(--[a-z-]+):/g)].map(([, name]) => name));
  const used = new Set([...styleSheet.matchAll(/var\((--[a-z-]+)\)/g)].map(([, name]) => name));
  expect([...used].filter((name) => !set.has(name))).toEqual([]);
});

test('the dark palette sets every colour that the light one sets', () => {
  const [, light = '', dark = ''] = styleSheet.split(/:root \{/);
  const names = (block: string) =>
    [...block.slice(0, block.indexOf('}')).matchAll(/(--[a-z-]+):/g)].map(([, name]) => name);
  expect(names(dark)).toEqual(names(light));
});
