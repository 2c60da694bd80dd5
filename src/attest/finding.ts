import { shortened, visibleLine } from '../report/visible-text.ts';

/** A defect of a report. */
export interface Finding {
  readonly about: 'signature' | 'statement' | 'file' | 'verdict' | 'derivation';
  /** One sentence, with a full stop. */
  readonly message: string;
}

/** A value from an untrusted file, made safe for a terminal. */
export function quoted(value: unknown): string {
  return shortened(visibleLine(JSON.stringify(value) ?? 'nothing'), 200);
}
