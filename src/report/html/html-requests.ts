import type { ChallengeRequest } from '../../issuance/challenge-requests.ts';
import type { ScenarioReport } from '../report.ts';
import { table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcClock, utcDay } from './html-time.ts';

const askers: Readonly<Record<ChallengeRequest['by'], string>> = {
  'self-check': 'self-check',
  ca: 'CA',
  client: 'another client',
};

/** The lines of the gateway's access log that prove the route of the challenge, or show where it ends. */
export function requestTable({ id, challengeRequests }: Pick<ScenarioReport, 'id' | 'challengeRequests'>): Markup {
  const [first] = challengeRequests;
  if (first === undefined) return html`<p class="muted">No request for a challenge path came through the gateway.</p>`;
  const columns = [
    { heading: 'UTC', style: 'number' },
    { heading: 'Status', style: 'number' },
    { heading: 'Requested by', style: 'narrow' },
    { heading: 'Routed to', style: 'record' },
    { heading: 'Request', style: 'record' },
    { heading: 'Flags', style: 'narrow' },
    { heading: 'User agent', style: 'record' },
    { heading: 'Gateway Pod', style: 'record' },
  ];
  const rows = challengeRequests.map((request) => [
    utcClock(request.at),
    request.status,
    askers[request.by],
    request.upstreamCluster === null ? 'nowhere' : html`<code>${request.upstreamCluster}</code>`,
    html`<code>${request.method} ${request.url}</code>`,
    html`<code>${request.responseFlags}</code>`,
    request.userAgent ?? 'none',
    request.pod,
  ]);
  return html`<p class="muted">Times of ${utcDay(first.at)}, UTC.</p>${table(`Access log lines of ${id}`, columns, rows)}`;
}
