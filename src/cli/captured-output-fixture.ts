import { vi } from 'vitest';

/** What commands printed in a test. A test may empty it between two commands. */
export interface CapturedOutput {
  out: string;
  err: string;
}

/** Captures stdout and stderr of this process until `vi.restoreAllMocks()`. */
export function captureOutput(): CapturedOutput {
  const said: CapturedOutput = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.err += String(text);
    return true;
  });
  return said;
}
