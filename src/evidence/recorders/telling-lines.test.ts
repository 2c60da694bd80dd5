import { describe, expect, test } from 'vitest';
import { tellingLines } from './telling-lines.ts';

const push = (index: number) =>
  `2026-11-28T02:00:${String(index % 60).padStart(2, '0')}.000000Z\tinfo\tads\tLDS: PUSH for node:edge-${index}.fault-other resources:${index}`;
const pushes = Array.from({ length: 100 }, (_, index) => push(index));
const refusal =
  '2026-11-28T01:59:00.000000Z\twarn\tads\tproxy edge-1.team-a attempted to access unauthorized certificates web: edge/team-a is not authorized to read secrets: ';

describe('tellingLines', () => {
  test('keeps all lines where they are few', () => {
    expect(tellingLines([refusal, refusal], { most: 40, near: [] })).toEqual([refusal, refusal]);
  });

  test('keeps a warning that many other lines follow, in the order of the log', () => {
    expect(tellingLines([refusal, ...pushes], { most: 40, near: [] })).toEqual([refusal, ...pushes.slice(-39)]);
  });

  test.each([
    `E1128 02:00:00.000000       1 sync.go:71] "error waiting for authorization" resource_name="web"`,
    '{"level":"warn","time":"2026-11-28T02:00:00.000000Z","scope":"ads","msg":"web"}',
    '{"ts":1764295200.1,"caller":"controller/controller.go:157","msg":"re-queuing web","err":"no"}',
  ])('knows a warning or an error: %s', (line) => {
    expect(tellingLines([line, ...pushes], { most: 40, near: [] })[0]).toBe(line);
  });

  test('prefers warnings about the own namespace to newer ones about an object of the same name in another', () => {
    const others = Array.from({ length: 60 }, (_, index) => refusal.replaceAll('team-a', `team-b${index}`));
    const kept = tellingLines([refusal, ...others], { most: 40, near: ['', 'team-a'] });
    expect(kept).toEqual([refusal, ...others.slice(-39)]);
    expect(tellingLines([refusal, ...others], { most: 40, near: [''] })).not.toContain(refusal);
  });

  test('counts lines that differ in their time alone as one, the last', () => {
    const again = Array.from(
      { length: 60 },
      (_, index) => `E1128 02:00:00.${index} 1 sync.go:71] "no route" name="web"`,
    );
    const kept = tellingLines([refusal, ...again], { most: 40, near: [] });
    expect(kept).toEqual([refusal, again.at(-1)]);
  });
});
