import { styleText } from 'node:util';
import type { Diagnosis, LinkReport } from '../diagnosis/diagnosis.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import { visibleLine } from '../report/visible-text.ts';
import type { Station } from './walk.ts';

/** The rules whose verdict is that nothing is wrong. */
const goodRules = new Set(['served', 'issued']);

/** Whether the verdict of a rule is that nothing is wrong. */
export function isGoodRule(rule: string): boolean {
  return goodRules.has(rule);
}

/** The states of links, in words. */
const marks: Readonly<Record<LinkReport['state'], string>> = {
  done: 'done',
  waiting: 'waits',
  broken: 'BROKEN',
  blocked: 'blocked',
  'not-seen': 'not seen',
};

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `  - ${visibleLine(line)}`)];
}

/** A trace for people: the path, then the verdict, its evidence, what else is broken or follows, the remedy, what could not be read, and
 * the chain. */
export function traceText(
  stations: readonly Station[],
  { rule, verdict, evidence, remedy, unseen, confidence, consequences = [], alsoBroken = [], links = [] }: Diagnosis,
): string {
  const width = Math.max(...stations.map(({ depth, name }) => depth * 2 + name.length));
  const way = stations.map(({ depth, name, state }) => {
    const label = `${'  '.repeat(depth)}${visibleLine(name)}`;
    return `${label.padEnd(Math.min(width, 72))}  ${visibleLine(state)}`;
  });
  const colour = isGoodRule(rule) ? 'green' : 'yellow';
  return [
    ...way,
    '',
    styleText(['bold', colour], visibleLine(verdict), { stream: process.stdout }),
    ...evidence.map((sentence) => `  - ${visibleLine(sentence)}`),
    ...titled('Also broken:', alsoBroken),
    ...titled('Follows from it:', consequences),
    ...(remedy === null ? [] : [`  Remedy: ${visibleLine(remedy)}`]),
    ...titled('Not visible:', unseen),
    ...(links.length === 0
      ? []
      : [`  Chain: ${links.map(({ title, state }) => `${title} ${marks[state]}`).join(', ')}`]),
    `  (rule ${rule}${confidence === undefined ? '' : `, ${confidence}`})`,
    '',
  ].join('\n');
}

/** A trace for programs: one JSON document and a line end. */
export function traceJson(
  { namespace, name }: ObjectReference,
  at: Date,
  { stations, diagnosis }: { readonly stations: readonly Station[]; readonly diagnosis: Diagnosis },
  indentation: number,
): string {
  const told = { at: at.toISOString(), certificate: `${namespace}/${name}`, way: stations, diagnosis };
  return `${JSON.stringify(told, null, indentation)}\n`;
}
