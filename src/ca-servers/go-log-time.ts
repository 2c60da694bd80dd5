/**
 * The time at the start of a line by Go's log package, after the program's name if there is one, for example
 * `Pebble 2026/11/24 08:00:00 …`. It is in the program's time zone, which is taken to be that of this machine.
 *
 * @returns ISO 8601; null when the line does not start with a time
 */
export function goLogTime(line: string): string | null {
  const [, year, month, day, hour, minute, second] =
    /^(?:\S+ )?(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d+)? /.exec(line)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const time = new Date(year, month - 1, day, hour ?? 0, minute ?? 0, second ?? 0);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
