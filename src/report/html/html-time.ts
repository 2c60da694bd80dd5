import { formatDuration } from '../../issuance/duration.ts';
import { html, type Markup } from './html-text.ts';

/** A moment for people, in UTC to the second: `2026-11-24 09:00:20 UTC`. */
export function utcTime(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** The day of a moment, in UTC: `2026-11-24`. */
export function utcDay(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.slice(0, 10)}</time>`;
}

/** The time of day of a moment, in UTC to the millisecond, for columns that are headed UTC: `09:00:20.000`. */
export function utcClock(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.slice(11, 23)}</time>`;
}

const dayMs = 86_400_000;

/** A lifetime for people, from milliseconds: hours like {@link formatDuration}, else whole days, else years: `90 days`, `30 years`. */
export function formatLifetime(ms: number): string {
  const days = Math.round(ms / dayMs);
  if (days < 3) return formatDuration(ms);
  return days < 2 * 365 ? `${days} days` : `${Number((ms / dayMs / 365.25).toFixed(1))} years`;
}
