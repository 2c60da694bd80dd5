import { stripVTControlCharacters } from 'node:util';

// C0 except tab, line feed and carriage return; DEL and C1; the line and paragraph separators; the bidirectional
// controls, which make text read differently from what it is; and the two non-characters that XML 1.0 cannot hold.
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/**
 * Text that came from a log, a server or a user, made fit for any derived format: terminal escape sequences are removed,
 * control characters shown as `\u001b`, lone surrogates replaced by U+FFFD, line ends made `\n`. The result is within the
 * `Char` production of XML 1.0 (section 2.2).
 */
export function visibleText(text: string): string {
  return stripVTControlCharacters(text)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(invisible, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** {@link visibleText} on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/\s+/g, ' ').trim();
}

/** At most `limit` UTF-16 code units of the text, never half a character, with a note if it was cut. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  return `${kept} … (${text.length - kept.length} more characters)`;
}
