import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { standaloneFaults } from '../faults/index.ts';
import { chain } from '../src/diagnosis/chain.ts';
import type { FaultProof } from '../src/faults/prove-fault.ts';

const root = join(import.meta.dirname, '..');
/** What the last run over each fault saw. `prove-faults.ts --write` keeps it up to date. */
const recordedFile = join(root, 'faults', 'verdicts.json');
export const verdictsPage = join(root, 'docs', 'fault-verdicts.md');

const recordedSchema = z.record(
  z.string(),
  z.strictObject({
    first: z.string(),
    second: z.string(),
    /** Rules that traces gave before; with `!` where they blamed a broken link. */
    before: z.array(z.string()),
    namedAfterS: z.number(),
    curedAfterS: z.number(),
  }),
);
export type RecordedVerdicts = z.infer<typeof recordedSchema>;

/** The verdicts as they were last recorded, by the id of the fault. */
export async function recordedVerdicts(): Promise<RecordedVerdicts> {
  return recordedSchema.parse(JSON.parse(await readFile(recordedFile, 'utf8')));
}

/** Keeps the verdicts of faults that were proven, and writes the page anew. */
export async function writeVerdicts(proofs: readonly FaultProof[]): Promise<void> {
  const seen = Object.fromEntries(
    proofs.flatMap(({ id, first, second, before, namedAfterMs, curedAfterMs, problem }) =>
      problem !== null || first === null || second === null || namedAfterMs === null || curedAfterMs === null
        ? []
        : [
            [
              id,
              {
                ...{ first: first.rule, second: second.rule },
                before: before.map(({ rule, blames }) => `${rule}${blames ? '!' : ''}`),
                ...{ namedAfterS: Math.round(namedAfterMs / 1_000), curedAfterS: Math.round(curedAfterMs / 1_000) },
              },
            ],
          ],
    ),
  );
  const all: RecordedVerdicts = { ...(await recordedVerdicts()), ...seen };
  const known = standaloneFaults.filter(({ id }) => Object.hasOwn(all, id)).map(({ id }) => [id, all[id]]);
  await writeFile(recordedFile, `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`);
  await writeFile(verdictsPage, verdictsMarkdown(await recordedVerdicts()));
}

/** docs/fault-verdicts.md. */
export function verdictsMarkdown(recorded: RecordedVerdicts): string {
  const linkOf = (rule: string | null) => chain.find(({ rules }) => rules.some(({ id }) => id === rule))?.id ?? '';
  const rows = standaloneFaults.map(({ id, diagnosedAs }) => {
    const seen = recorded[id];
    const cells =
      seen === undefined
        ? ['not recorded', '', '', '', '']
        : [
            marked(seen.first, diagnosedAs),
            marked(seen.second, diagnosedAs),
            seen.before.map((rule) => (rule.endsWith('!') ? `**${rule.slice(0, -1)}**` : rule)).join(', '),
            `${seen.namedAfterS} s`,
            `${seen.curedAfterS} s`,
          ];
    return `| ${[`\`${id}\``, linkOf(diagnosedAs), `\`${diagnosedAs}\``, ...cells].join(' | ')} |`;
  });
  const seen = Object.values(recorded);
  const right = standaloneFaults.filter(
    ({ id, diagnosedAs }) => recorded[id]?.first === diagnosedAs && recorded[id]?.second === diagnosedAs,
  );
  return `# Faults and their verdicts

Each fault of \`faults/\` that can be staged on its own was staged on a cell and traced until the verdict named it, then traced again without any change, cured, and
traced until the host served the certificate. This page is written by \`node scripts/prove-faults.ts CELL --write\`.

${right.length} of ${standaloneFaults.length} faults were named rightly in both traces; ${seen.length} were recorded. A dot means that the verdict is that of the expected rule. Verdicts before
the expected one are steps that pass; one in bold blamed a broken link.

| Fault | Link | Expected rule | First trace | Second trace | Verdicts before | Named after | Cured after |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function marked(rule: string, expected: string | null): string {
  return rule === expected ? '·' : `**${rule}**`;
}
