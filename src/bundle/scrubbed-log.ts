import { lineScrubber } from '../evidence/redaction.ts';

/** How many lines that were left out may wait to be dropped from memory. */
const mostForgotten = 10_000;

/**
 * The end of a log without its secrets. The lines before the end are scrubbed too, as a key may begin in them; a log
 * that begins inside a private key (its file was rotated there) loses the lines up to the key's end.
 *
 * @param mostBytes of UTF-8: the earliest lines beyond it are left out, and so is a line that is longer by itself
 */
export async function scrubbedLog(
  lines: AsyncIterable<string>,
  mostBytes: number,
): Promise<{ readonly text: string; readonly whole: boolean }> {
  let kept: string[] = [];
  let first = 0;
  let bytes = 0;
  let whole = true;
  const scrub = lineScrubber(() => {
    kept = [];
    [first, bytes, whole] = [0, 0, false];
  });
  for await (const line of lines) {
    const scrubbed = scrub(line);
    kept.push(scrubbed);
    bytes += Buffer.byteLength(scrubbed) + 1;
    while (bytes > mostBytes) {
      bytes -= Buffer.byteLength(kept[first] ?? '') + 1;
      kept[first] = '';
      first += 1;
      whole = false;
    }
    if (first > mostForgotten) {
      kept = kept.slice(first);
      first = 0;
    }
  }
  return {
    text: kept
      .slice(first)
      .map((line) => `${line}\n`)
      .join(''),
    whole,
  };
}
