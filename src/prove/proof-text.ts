import type { ChecksProof, ProvenFault } from './checks-proof.ts';

/** The proof as a table of faults and checks, and the sentences that follow from it. Ends with a line feed. */
export function proofText(proof: ChecksProof): string {
  const { faults, checks, withoutFault } = proof;
  const width = Math.max(...checks.map(({ check }) => check.length), 0);
  const names = ['no fault', ...faults.map(({ fault }) => fault)];
  const cells = checks.map(({ check }) => [
    withoutFault.red.includes(check) ? 'RED' : withoutFault.passed ? 'green' : '-',
    ...faults.map((fault) => cellOf(fault, check)),
  ]);
  const widths = names.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (head: string, row: readonly string[]) =>
    [head.padEnd(width), ...row.map((cell, column) => cell.padEnd(widths[column] ?? 0))].join('  ').trimEnd();
  return `${[
    line('', names),
    ...checks.map(({ check }, index) => line(check, cells[index] ?? [])),
    '',
    ...sentences(proof),
  ].join('\n')}\n`;
}

function cellOf({ mustTurnRed, red, stayedGreen, problem }: ProvenFault, check: string): string {
  if (problem !== null) return '?';
  if (stayedGreen.includes(check)) return 'STAYED GREEN';
  if (mustTurnRed.includes(check)) return 'red';
  return red.includes(check) ? 'red, too' : '-';
}

function sentences({ faults, checks, leftOut, withoutFault, result, durationMs, environment, scenario }: ChecksProof) {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(0)} s`;
  const unproven = checks.filter(({ turnedRedBy }) => turnedRedBy.length === 0).map(({ check }) => check);
  const proven = checks.length - unproven.length;
  const where = `${scenario} on ${environment.name}`;
  return [
    ...(withoutFault.passed
      ? []
      : [
          `${where} does not pass without a fault${withoutFault.problem === null ? '' : `: ${withoutFault.problem}`}. Repair that first.`,
        ]),
    ...faults.flatMap(({ fault, stayedGreen }) =>
      stayedGreen.length === 0 ? [] : [`${fault}: ${stayedGreen.join(', ')} stayed green and must turn red.`],
    ),
    ...faults.flatMap(({ fault, problem }) => (problem === null ? [] : [`${fault} could not be tried: ${problem}`])),
    ...faults.flatMap(({ fault, problem, diagnosedAs, mustBeDiagnosedAs }) =>
      problem !== null || diagnosedAs === mustBeDiagnosedAs
        ? []
        : [`${fault}: the diagnosis named ${diagnosedAs ?? 'no cause'} instead of ${mustBeDiagnosedAs}.`],
    ),
    ...leftOut.map(({ fault, why }) => `${fault} was left out: ${why}`),
    ...(unproven.length === 0 ? [] : [`Not seen red here: ${unproven.join(', ')}.`]),
    `${result}: ${proven} of ${checks.length} checks were seen red, with ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in ${where}, in ${seconds(durationMs)}.`,
  ];
}
