import { expect, test } from 'vitest';
import { circlesOf, graphOf } from './import-circles.ts';
import { importDiagram } from './import-diagram.ts';

const graph = (arrows: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(arrows));

test.each([
  ['a chain', { a: ['b'], b: ['c'], c: [] }, []],
  ['two ways to one place', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, []],
  ['two files', { a: ['b'], b: ['a'] }, [['a', 'b']]],
  ['a long way round', { a: ['b'], b: ['c'], c: ['d'], d: ['b'] }, [['b', 'c', 'd']]],
  [
    'two circles side by side',
    { d: ['c'], c: ['d'], a: ['b', 'c'], b: ['a'] },
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['two circles that share a file', { a: ['b', 'c'], b: ['a'], c: ['a'] }, [['a', 'b', 'c']]],
  ['what is not in the graph', { a: ['elsewhere'] }, []],
])('finds the circles of %s', (_, arrows, circles) => {
  expect(circlesOf(graph(arrows))).toEqual(circles);
});

test('leaves out imports of types', () => {
  const files = [
    { file: 'a.ts', imports: [{ target: 'b.ts', typeOnly: false }] },
    { file: 'b.ts', imports: [{ target: 'a.ts', typeOnly: true }] },
  ];
  expect(circlesOf(graphOf(files, { values: true }))).toEqual([]);
  expect(circlesOf(graphOf(files, { values: false }))).toEqual([['a.ts', 'b.ts']]);
});

test('draws rooms, without arrows that follow from others', () => {
  const folders = {
    scripts: ['src/cli'],
    'src/cli': ['src/cli/commands', 'src/report'],
    'src/cli/commands': ['src/report/html', 'src/kube'],
    'src/report/html': ['src/report'],
    'src/report/testing': ['src/checks'],
    'src/report': ['src/kube'],
    'src/kube': [],
  };
  expect(importDiagram({ folders, tests: {} })).toBe(
    '```mermaid\nflowchart TD\n  cli --> report\n  report --> kube\n```',
  );
});

test('draws no circle', () => {
  const folders = { 'src/kube': ['src/report'], 'src/report': ['src/kube'] };
  expect(() => importDiagram({ folders, tests: {} })).toThrow('There is a circle between kube,report.');
});
