import type { ChainCertificate } from '../../issuance/chain.ts';
import type { ScenarioReport } from '../report.ts';
import { inPercent } from './html-percent.ts';
import { facts } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { formatLifetime, utcTime } from './html-time.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const ticks = [
  { afterMs: dayMs, label: '1 day' },
  { afterMs: 30 * dayMs, label: '30 days' },
  { afterMs: 365.25 * dayMs, label: '1 year' },
  { afterMs: 3652.5 * dayMs, label: '10 years' },
];

const roles: Readonly<Record<ChainCertificate['role'], string>> = {
  leaf: 'Leaf',
  intermediate: 'Intermediate',
  root: 'Root',
};

/**
 * The chain, leaf first, each certificate with a bar for how long it is still valid at the end of the scenario. The scale is
 * the same for all and logarithmic, as a leaf lives for days and a root for decades.
 */
export function chainDrawing({
  chain,
  startedAt,
  durationMs,
}: Pick<ScenarioReport, 'chain' | 'startedAt' | 'durationMs'>): Markup {
  if (chain.length === 0) return html`<p class="muted">No certificate was served.</p>`;
  const nowMs = Date.parse(startedAt) + durationMs;
  const scale = logScale(Math.max(dayMs, ...chain.map(({ notAfter }) => Date.parse(notAfter) - nowMs)) * 1.1);
  return html`<p class="muted">The bars show how long each certificate is still valid, counted from the end of the scenario, ${utcTime(new Date(nowMs).toISOString())}. The scale is logarithmic.</p>
<ol class="chain">${chain.map((certificate) => link(certificate, nowMs, scale))}</ol>`;
}

/** From the time ahead, in milliseconds, to per cent of the drawing's width. */
type Scale = (aheadMs: number) => number;

function logScale(longestMs: number): Scale {
  const steps = (ms: number) => Math.log10(1 + Math.max(0, ms) / hourMs);
  return (aheadMs) => (100 * steps(aheadMs)) / steps(longestMs);
}

function link(certificate: ChainCertificate, nowMs: number, scale: Scale): Markup {
  const { role, origin, subject, issuer, dnsNames, serialNumber, fingerprintSha256, notBefore, notAfter } = certificate;
  return html`<li class="${role}"><p class="link-title"><span class="role">${roles[role]}</span> <strong>${subject === '' ? 'no subject' : subject}</strong>
<span class="muted">${origin === 'served' ? 'served by the gateway' : 'from the CA, not served'}</span></p>
${lifetime(Date.parse(notAfter) - nowMs, scale)}
${facts(
  [
    'Valid',
    html`for ${formatLifetime(Date.parse(notAfter) - Date.parse(notBefore))}, ${utcTime(notBefore)} to ${utcTime(notAfter)}${outOfTime(certificate, nowMs)}`,
  ],
  ['Names', dnsNames.length === 0 ? null : dnsNames.join(', ')],
  ['Issued by', issuer === subject && subject !== '' ? 'itself' : issuer],
  ['Serial number', html`<code>${serialNumber}</code>`],
  ['SHA-256 fingerprint', html`<code>${fingerprintSha256}</code>`],
)}</li>`;
}

/** That a certificate was not valid when the scenario ended: then its bar says nothing. */
function outOfTime({ notBefore, notAfter }: ChainCertificate, nowMs: number): Markup | null {
  if (Date.parse(notAfter) <= nowMs) return html`: <strong>expired</strong>`;
  return Date.parse(notBefore) > nowMs ? html`: <strong>not valid yet</strong>` : null;
}

function lifetime(leftMs: number, scale: Scale): Markup {
  const marks = ticks.filter(({ afterMs }) => scale(afterMs) <= 96);
  return html`<svg class="lifetime" width="100%" height="34" aria-hidden="true" focusable="false">
${marks.map(({ afterMs, label }) => html`<line class="grid" x1="${inPercent(scale(afterMs))}" x2="${inPercent(scale(afterMs))}" y1="0" y2="18"/><text class="tick" x="${inPercent(scale(afterMs))}" y="31" text-anchor="middle">${label}</text>`)}
<rect class="track" x="0" y="4" width="100%" height="10" rx="5"/>${leftMs <= 0 ? null : html`<rect class="life" x="0" y="4" width="${inPercent(scale(leftMs))}" height="10" rx="5"/>`}
</svg>`;
}
