import { describeRepetitions, isFlaky } from '../../report/repetitions.ts';
import type { SuiteRun } from '../../suite/run-suite.ts';

/**
 * Several runs of the same scenarios as one. Of each scenario it has the repetition that did not pass, the first of several, else the
 * last one: so a scenario that is flaky has not passed.
 */
export function repeatedRuns(runs: readonly SuiteRun[]): SuiteRun {
  const [first] = runs;
  if (first === undefined || runs.length === 1) return first ?? noRun;
  const chosen = first.scenarios.map(({ id }) => {
    const repetitions = runs.flatMap((run) =>
      run.scenarios.flatMap((report) => (report.id === id ? { run, report } : [])),
    );
    const ran = repetitions.filter(({ report }) => report.result !== 'skipped');
    const kept = ran.find(({ report }) => report.result !== 'passed') ?? ran.at(-1) ?? repetitions[0];
    if (kept === undefined) throw new Error(`no repetition of ${id}`);
    return { id, ...kept, results: ran.map(({ report }) => report.result) };
  });
  return {
    scenarios: chosen.map(({ report, results }) => (results.length < 2 ? report : { ...report, repetitions: results })),
    evidence: new Map(chosen.flatMap(({ id, run }) => entry(id, run.evidence.get(id)))),
    pictures: new Map(chosen.flatMap(({ id, run }) => entry(id, run.pictures.get(id)))),
    kubernetesVersion: first.kubernetesVersion,
    problems: [
      ...new Set([
        ...chosen.flatMap(({ id, results }) => (isFlaky(results) ? `${id} is ${describeRepetitions(results)}.` : [])),
        ...runs.flatMap(({ problems }) => problems),
      ]),
    ],
  };
}

const noRun: SuiteRun = {
  scenarios: [],
  evidence: new Map(),
  pictures: new Map(),
  kubernetesVersion: '',
  problems: [],
};

function entry<Value>(id: string, value: Value | undefined): readonly (readonly [string, Value])[] {
  return value === undefined ? [] : [[id, value]];
}
