import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { refuseExitOf } from './refuse-exit.ts';

const { exit } = process;
const ended = vi.fn<(code?: number | string | null) => never>();

beforeEach(() => {
  process.exit = ended;
});

afterEach(() => {
  process.exit = exit;
  ended.mockReset();
});

test("a user's module cannot end Padlock", () => {
  refuseExitOf((file) => file === import.meta.filename);
  expect(() => process.exit(3)).toThrow(
    'it calls process.exit(3), which would end Padlock itself: return, or throw an Error',
  );
  expect(ended).not.toHaveBeenCalled();
});

test('Padlock itself can', () => {
  refuseExitOf(() => false);
  process.exit(3);
  expect(ended).toHaveBeenCalledExactlyOnceWith(3);
});
