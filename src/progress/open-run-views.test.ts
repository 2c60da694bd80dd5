import { expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { JsonLinesView } from './json-lines-view.ts';
import { LiveView } from './live-view.ts';
import { openRunViews, type RunViewOptions } from './open-run-views.ts';
import { PlainView } from './plain-view.ts';
import { fakeTerminal } from './terminal-fixture.ts';

const pipe = () => fakeTerminal().stream;
const terminal = () => fakeTerminal({ isTTY: true, columns: 80, rows: 24 }).stream;

function kinds(options: RunViewOptions): readonly unknown[] {
  const views = openRunViews({ stdout: pipe(), stderr: pipe(), env: { TERM: 'xterm' }, ...options });
  for (const view of views) view[Symbol.dispose]();
  return views.map((view) => view.constructor);
}

test('is live in a terminal and plain elsewhere', () => {
  expect(kinds({ stderr: terminal() })).toEqual([LiveView]);
  expect(kinds({ stderr: pipe() })).toEqual([PlainView]);
});

test.each([[{ TERM: 'dumb' }], [{ TERM: 'xterm', CI: 'true' }], [{ TERM: 'xterm', CI: '1' }]])(
  'is plain in a terminal where %j says that it cannot be live',
  (env) => {
    expect(kinds({ stderr: terminal(), env })).toEqual([PlainView]);
  },
);

test.each([[{}], [{ CI: '' }], [{ CI: 'false' }]])('is live in a terminal if the environment is %j', (env) => {
  expect(kinds({ stderr: terminal(), env })).toEqual([LiveView]);
});

test('writes JSON lines beside what people see', () => {
  expect(kinds({ jsonLines: '-' })).toEqual([JsonLinesView, PlainView]);
  expect(kinds({ jsonLines: '-', stderr: terminal() })).toEqual([JsonLinesView, LiveView]);
});

test('is not live if JSON lines go to the same terminal', () => {
  expect(kinds({ jsonLines: '-', stderr: terminal(), stdout: terminal() })).toEqual([JsonLinesView, PlainView]);
});

test('--json and --json-lines - are wrong usage together', () => {
  expect(() => openRunViews({ json: true, jsonLines: '-' })).toThrow(UserError);
  expect(() => openRunViews({ json: true, jsonLines: '-' })).toThrow(/both write to stdout/);
});

test('is not live if the command asks something at the terminal', () => {
  expect(kinds({ stderr: terminal(), asks: true })).toEqual([PlainView]);
});
