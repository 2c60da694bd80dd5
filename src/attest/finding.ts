import { shortened, visibleLine } from '../report/visible-text.ts';

/** Something about a report that does not hold. */
export interface Finding {
  readonly about: 'signature' | 'statement' | 'file' | 'verdict' | 'derivation';
  /** One sentence, with a full stop. */
  readonly message: string;
}

/** A value from a file that may be forged, fit for a terminal. */
export function quoted(value: unknown): string {
  return shortened(visibleLine(JSON.stringify(value) ?? 'nothing'), 200);
}
