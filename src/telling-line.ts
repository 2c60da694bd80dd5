const longestLine = 300;
/** How far from the end of a log an error may be to be the reason of its end. */
const lastLines = 40;
/** The head of what Go's runtime writes when a program crashes, which many lines of its state follow. */
const crashLine = /^(panic|fatal error|SIG[A-Z]+): /;
/** A line of an error: of klog (E, F and a date), of slog, logrus or zap, or one that says so. */
const errorLine = /^[EF]\d{4} |\blevel=(error|fatal|panic)\b|"level":"(error|fatal|panic)"|\b[Ee]rror\b/;
/** What klog, logrus and BIND put before a message: the time and the place of the code. */
const beforeMessage = /^[IWEF]\d{4} [\d:.]+ +\d+ |^time="[^"]*" |^\d{2}-\w{3}-\d{4} [\d:.]+ /;

/**
 * The line of a log that says why its process ended: the last error if the process ended by itself, otherwise simply the last line. Cut to a
 * length that a message can have.
 *
 * @param lines the end of the log
 * @returns null if no line has text
 */
export function tellingLine(lines: readonly string[], endedByItself: boolean): string | null {
  const written = lines.map((line) => line.trim()).filter((line) => line !== '');
  const error = endedByItself
    ? (written.findLast((line) => crashLine.test(line)) ??
      written.slice(-lastLines).findLast((line) => errorLine.test(line)))
    : undefined;
  const line = error ?? written.at(-1);
  if (line === undefined) return null;
  const message = messageOfJson(line) ?? line.replace(beforeMessage, '');
  return message.length > longestLine ? `${message.slice(0, longestLine)}…` : message;
}

/** zap and istio write objects: message and error, without the places of code between them. */
function messageOfJson(line: string): string | null {
  if (!line.startsWith('{')) return null;
  try {
    const { msg, message, error } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const parts = [msg ?? message, error].filter((part) => typeof part === 'string');
    return parts.length === 0 ? null : parts.join(': ');
  } catch {
    return null;
  }
}
