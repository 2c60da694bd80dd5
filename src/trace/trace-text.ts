import { styleText } from 'node:util';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { visibleLine } from '../report/visible-text.ts';
import type { Station } from './walk.ts';

const rules: Readonly<Record<string, string>> = { served: 'green', issued: 'green' };

/** A trace for people: the path, then the verdict, its evidence, the remedy, and what could not be read. */
export function traceText(
  stations: readonly Station[],
  { rule, verdict, evidence, remedy, unseen }: Diagnosis,
): string {
  const width = Math.max(...stations.map(({ depth, name }) => depth * 2 + name.length));
  const way = stations.map(({ depth, name, state }) => {
    const label = `${'  '.repeat(depth)}${visibleLine(name)}`;
    return `${label.padEnd(Math.min(width, 72))}  ${visibleLine(state)}`;
  });
  const colour = rules[rule] === undefined ? 'yellow' : 'green';
  return [
    ...way,
    '',
    styleText(['bold', colour], visibleLine(verdict), { stream: process.stdout }),
    ...evidence.map((sentence) => `  - ${visibleLine(sentence)}`),
    ...(remedy === null ? [] : [`  Remedy: ${visibleLine(remedy)}`]),
    ...(unseen.length === 0 ? [] : ['  Not visible:', ...unseen.map((sentence) => `  - ${visibleLine(sentence)}`)]),
    `  (rule ${rule})`,
    '',
  ].join('\n');
}
