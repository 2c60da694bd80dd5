import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { RunError } from '../report.ts';
import { sentences } from './html-table.ts';
import { html, type Markup } from './html-text.ts';

/** The diagnosis: the verdict, its evidence, the remedy, and what could not be inspected. */
export function diagnosisBlock(diagnosis: Diagnosis): Markup {
  const { rule, verdict, evidence, remedy, unseen, confidence, consequences = [], alsoBroken = [] } = diagnosis;
  return html`<div class="diagnosis"><h3>Diagnosis</h3><p class="verdict">${verdict}</p>
${remedy === null ? null : remedyLine(remedy)}
${titled('Evidence', sentences(evidence))}
${titled('Also broken', sentences(alsoBroken))}
${titled('Follows from it', sentences(consequences))}
${titled('Not visible', sentences(unseen))}
<p class="muted">Rule <code>${rule}</code>${confidence === undefined ? '' : ` (${confidence})`}</p></div>`;
}

/** What to do, in the same words wherever it stands. */
export function remedyLine(remedy: string): Markup {
  return html`<p class="remedy"><strong>What to do:</strong> ${remedy}</p>`;
}

/** What ended a scenario or the run early, with the last state that was seen. */
export function errorBlock({ message, lastSeen }: RunError): Markup {
  return html`<div class="ended-early"><p><strong>Ended early:</strong> ${message}</p>
${lastSeen === undefined ? null : html`<p>Last seen:</p><pre>${lastSeen}</pre>`}</div>`;
}

function titled(title: string, content: Markup | null): Markup | null {
  return content === null ? null : html`<h4>${title}</h4>${content}`;
}
