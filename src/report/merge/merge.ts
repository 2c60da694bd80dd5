import { UserError } from '../../user-error.ts';
import { featureCountsOf } from '../feature-counts.ts';
import { overallResult } from '../overall-result.ts';
import type { Report, ReportComponent, RunError } from '../report.ts';

type ShardReport = Report & { readonly shard: NonNullable<Report['shard']> };

/**
 * Merges the reports of all shards of one run into one report. The scenarios are in the order of their selection.
 *
 * The following must be equal in all shards, or the merge is refused: the version of Padlock, the kind of environment, the
 * version of Kubernetes, the CA, the components (a shard whose environment failed may lack some), and what was skipped on
 * request. The shards may have run on different machines. Then the machines' names are joined, the smallest numbers of CPUs
 * and bytes of memory are used, and a problem says so.
 *
 * The run lasts from the first start to the last end. For each of build, up, run and down, the slowest shard counts, because
 * shards run in parallel. The result follows from the scenarios, see {@link overallResult}. Paths of files are not changed.
 *
 * @throws UserError (2) that says in one sentence which shard is missing, duplicated or not a shard, what differs, or which
 *   scenario is in two shards
 */
export function mergeReports(reports: readonly Report[]): Report {
  const shards = completeShards(reports);
  const [first] = shards;
  refuseDifferences(shards, first);
  const scenarios = inOrderOfSelection(shards);
  const { error, problems } = errorsOf(shards);
  return {
    ...first,
    ...(first.features === undefined ? {} : { features: featureCountsOf(scenarios) }),
    result: overallResult({ scenarios, ...(error === null ? {} : { error }) }),
    startedAt: shards.map(({ startedAt }) => startedAt).reduce((a, b) => (a < b ? a : b)),
    endedAt: shards.map(({ endedAt }) => endedAt).reduce((a, b) => (a > b ? a : b)),
    environment: environmentOf(shards, first),
    components: mergedComponents(shards),
    notUpstream: distinct(shards.flatMap(({ notUpstream }) => notUpstream)),
    ca: shards.find(({ ca }) => ca !== null)?.ca ?? null,
    shard: null,
    scenarios,
    timings: {
      buildMs: greatest(shards.map(({ timings }) => timings.buildMs)),
      upMs: greatest(shards.map(({ timings }) => timings.upMs)),
      runMs: greatest(shards.map(({ timings }) => timings.runMs)),
      downMs: greatest(shards.map(({ timings }) => timings.downMs)),
    },
    ...(error === null ? {} : { error }),
    bundle: shards.some(({ bundle }) => bundle !== null) ? 'bundle' : null,
    problems: distinct([...machineProblems(shards), ...problems, ...shards.flatMap((shard) => shard.problems)]),
  };
}

/** The shards, ordered by index. @throws UserError (2) unless each shard of one split is present exactly once */
function completeShards(reports: readonly Report[]): readonly [ShardReport, ...ShardReport[]] {
  const shards = reports.filter(isShard).toSorted((a, b) => a.shard.index - b.shard.index);
  const whole = reports.findIndex((report) => report.shard === null);
  if (whole >= 0) {
    throw new UserError(
      `Report ${whole + 1} of ${reports.length}, of the run of ${reports[whole]?.startedAt}, is not the report of a shard. 'padlock merge' takes reports of 'padlock run --shard'.`,
    );
  }
  const [first, ...others] = shards;
  if (first === undefined) throw new UserError('No report to merge; name the folders of all shards.');
  const { count } = first.shard;
  const other = others.find(({ shard }) => shard.count !== count);
  if (other !== undefined) {
    throw new UserError(`The reports come from different splits: ${name(first)} and ${name(other)}.`);
  }
  const indices = shards.map(({ shard }) => shard.index);
  const twice = indices.find((index, position) => indices.indexOf(index) !== position);
  if (twice !== undefined) throw new UserError(`Shard ${twice}/${count} is named twice; name each shard once.`);
  const missing = Array.from({ length: count }, (_, position) => position + 1).filter(
    (each) => !indices.includes(each),
  );
  if (missing.length > 0) {
    throw new UserError(
      `${missing.length === 1 ? 'Shard' : 'Shards'} ${missing.join(', ')} of ${count} ${missing.length === 1 ? 'is' : 'are'} missing; name the folders of all shards.`,
    );
  }
  return [first, ...others];
}

function isShard(report: Report): report is ShardReport {
  return report.shard !== null;
}

function name({ shard }: ShardReport): string {
  return `shard ${shard.index}/${shard.count}`;
}

function refuseDifferences(shards: readonly ShardReport[], first: ShardReport): void {
  const facts: readonly (readonly [what: string, of: (shard: ShardReport) => string | null])[] = [
    ['the version of Padlock', ({ padlock }) => padlock.version],
    ['the kind of environment', ({ environment }) => environment.kind],
    ['the version of Kubernetes', ({ environment }) => environment.kubernetesVersion],
    ['the CA', ({ ca }) => (ca === null ? null : caText(ca))],
    ['what was skipped on request', ({ skippedOnRequest }) => skippedOnRequest.toSorted().join(', ') || 'nothing'],
  ];
  for (const [what, of] of facts) {
    // Null means unknown, for example because the environment failed.
    const known = shards.filter((shard) => of(shard) !== null);
    const reference = known[0] ?? first;
    const other = known.find((shard) => of(shard) !== of(reference));
    if (other !== undefined) {
      throw differs(what, `${of(reference)} in ${name(reference)} and ${of(other)} in ${name(other)}`);
    }
  }
  refuseDifferentComponents(shards);
  refuseScenariosInTwo(shards);
}

function refuseDifferentComponents(shards: readonly ShardReport[]): void {
  // A shard with an error may have ended before all components were known.
  const whole = shards.filter(({ error }) => error === undefined);
  const names = new Set(shards.flatMap(({ components }) => components.map((component) => component.name)));
  for (const component of names) {
    const known = shards.filter(
      (shard) => whole.includes(shard) || componentText(shard.components, component) !== 'absent',
    );
    const [reference] = known;
    const text = (shard: ShardReport) => componentText(shard.components, component);
    const other = known.find((shard) => reference !== undefined && text(shard) !== text(reference));
    if (reference !== undefined && other !== undefined) {
      throw differs(
        `the component ${component}`,
        `${text(reference)} in ${name(reference)} and ${text(other)} in ${name(other)}`,
      );
    }
  }
}

function refuseScenariosInTwo(shards: readonly ShardReport[]): void {
  const seen = new Map<string, ShardReport>();
  for (const shard of shards) {
    for (const { id } of shard.scenarios) {
      const other = seen.get(id);
      if (other !== undefined && other !== shard) {
        throw new UserError(
          `The scenario ${id} is in ${name(other)} and in ${name(shard)}, so they are not shards of one run.`,
        );
      }
      seen.set(id, shard);
    }
  }
}

function differs(what: string, how: string): UserError {
  return new UserError(
    `The shards cannot be merged: ${what} differs (${how}). Run all shards on the same components, or keep their reports separate.`,
  );
}

function componentText(components: readonly ReportComponent[], name: string): string {
  const found = components.filter((component) => component.name === name);
  return (
    found.map(({ version, digest }) => (digest === null ? version : `${version} (${digest})`)).join(', ') || 'absent'
  );
}

function caText({ directoryUrl, software, version, settings }: NonNullable<Report['ca']>): string {
  const set = Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted();
  return [software, version, `at ${directoryUrl}`, ...(set.length === 0 ? [] : [`with ${set.join(', ')}`])].join(' ');
}

/** Undoes the split: shard i of n has every n-th scenario of the selection, starting with the i-th. */
function inOrderOfSelection(shards: readonly ShardReport[]): Report['scenarios'] {
  const longest = Math.max(...shards.map(({ scenarios }) => scenarios.length));
  return Array.from({ length: longest }, (_, position) =>
    shards.flatMap(({ scenarios }) => scenarios[position] ?? []),
  ).flat();
}

/** The first shard whose environment failed gives the error of the run. The errors of the others become problems. */
function errorsOf(shards: readonly ShardReport[]): { error: RunError | null; problems: string[] } {
  const [first, ...others] = shards.flatMap((shard) =>
    shard.error === undefined ? [] : [{ ...shard.error, message: `In ${name(shard)}: ${shard.error.message}` }],
  );
  return { error: first ?? null, problems: others.map(({ message }) => message) };
}

function environmentOf(shards: readonly ShardReport[], { environment }: ShardReport): Report['environment'] {
  const all = shards.map((shard) => shard.environment);
  const joined = (of: (each: Report['environment']) => string) => distinct(all.map(of)).join(', ');
  const installations = distinct(all.flatMap(({ installation }) => installation ?? []));
  return {
    kind: environment.kind,
    ...(installations.length === 0 ? {} : { installation: installations.join(', ') }),
    name: joined((each) => each.name),
    os: joined((each) => each.os),
    kernel: joined((each) => each.kernel),
    arch: joined((each) => each.arch),
    cpus: Math.min(...all.map(({ cpus }) => cpus)),
    memoryBytes: Math.min(...all.map(({ memoryBytes }) => memoryBytes)),
    timeScale: Math.max(...all.map(({ timeScale = 1 }) => timeScale)),
    nodeVersion: joined((each) => each.nodeVersion),
    kubernetesVersion: all.find((each) => each.kubernetesVersion !== null)?.kubernetesVersion ?? null,
    peakMemoryBytes: greatest(all.map(({ peakMemoryBytes }) => peakMemoryBytes)),
  };
}

function machineProblems(shards: readonly ShardReport[]): string[] {
  const machines = distinct(
    shards.map(({ environment: { os, kernel, arch, cpus, nodeVersion } }) =>
      [os, `kernel ${kernel}`, arch, `${cpus} CPUs`, `Node.js ${nodeVersion}`].join(', '),
    ),
  );
  if (machines.length === 1) return [];
  return [`The shards ran on different machines, so their times are not comparable: ${machines.join('; ')}.`];
}

/** Every component once. If two shards have a component, it is identical in both. */
function mergedComponents(shards: readonly ShardReport[]): Report['components'] {
  const known = new Set<string>();
  return shards.flatMap(({ components }) => {
    const added = components.filter((component) => !known.has(component.name));
    for (const component of added) known.add(component.name);
    return added;
  });
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
