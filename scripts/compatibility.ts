import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { pinnedVersion } from '../src/components/catalogue.ts';
import { formatDuration } from '../src/issuance/duration.ts';
import { readReport } from '../src/report/folder/read-report.ts';
import { matrixReportSchema } from '../src/report/matrix-report.ts';
import type { Report } from '../src/report/report.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const folder = join(docs, 'compatibility');
export const compatibilityPage = join(docs, 'compatibility.md');

/** The parts whose versions a row tells, in the order of its columns. */
const parts = ['Kubernetes', 'Istio', 'cert-manager', 'Gateway API', 'proxy', 'CA'] as const;

const compatibilitySchema = z.strictObject({
  /** When the matrix began, in UTC. */
  startedAt: z.iso.datetime(),
  runs: z.array(
    z.strictObject({
      environment: z.string(),
      versions: z.record(z.enum(parts), z.string()),
      result: z.enum(['passed', 'failed', 'partial', 'error']),
      /** Why the environment failed; null if it did not. */
      message: z.string().nullable(),
      durationMs: z.int().nonnegative(),
      /** By result, the ids. */
      scenarios: z.record(z.enum(['passed', 'failed', 'error', 'skipped']), z.array(z.string())),
    }),
  ),
});
/** What the runs of one matrix showed. */
export type Compatibility = z.infer<typeof compatibilitySchema>;

/** The file of a matrix in docs/compatibility. */
export function compatibilityFile({ startedAt }: Compatibility): string {
  return join(folder, `${startedAt.replaceAll(/[:.]/g, '-')}.json`);
}

/** Every matrix that was noted, the last one first. */
export async function notedCompatibility(): Promise<readonly Compatibility[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const noted = await Promise.all(
    files.map(async (name) => compatibilitySchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))),
  );
  return noted.toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1));
}

/**
 * Reads what the runs of a matrix showed.
 *
 * @param matrix the folder of a report of `padlock matrix`
 * @throws if a run has no report: its versions are not known then
 */
export async function compatibilityOf(matrix: string): Promise<Compatibility> {
  const { startedAt, runs } = matrixReportSchema.parse(JSON.parse(await readFile(join(matrix, 'matrix.json'), 'utf8')));
  return {
    startedAt,
    runs: await Promise.all(
      runs.map(async ({ name, result, message, durationMs, scenarios }) => {
        const report = await readReport(join(matrix, name));
        const ids = (wanted: string) => scenarios.flatMap((one) => (one.result === wanted ? [one.id] : []));
        return {
          ...{ environment: report.environment.kind, versions: versionsIn(report), result, message, durationMs },
          scenarios: {
            ...{ passed: ids('passed'), failed: ids('failed'), error: ids('error'), skipped: ids('skipped') },
          },
        };
      }),
    ),
  };
}

function versionsIn({ components, environment, ca }: Report): Compatibility['runs'][number]['versions'] {
  const versionOf = (...names: readonly string[]) =>
    names.flatMap((name) => components.find((one) => one.name === name)?.version ?? [])[0];
  const known = (version: string | null | undefined) => version ?? 'unknown';
  return {
    Kubernetes: known(environment.kubernetesVersion),
    Istio: known(versionOf('istio.io/istio', 'image docker.io/istio/pilot')),
    'cert-manager': known(
      versionOf('github.com/cert-manager/cert-manager', 'image quay.io/jetstack/cert-manager-controller'),
    ),
    // Definitions are no program: the report names them where they are not the pinned ones.
    'Gateway API': versionOf('sigs.k8s.io/gateway-api') ?? pinnedVersion('gateway-api', 'sigs.k8s.io/gateway-api'),
    proxy: `Envoy ${known(versionOf('envoy'))}`,
    CA: ca === null ? 'unknown' : `${ca.software} ${known(ca.version)}`,
  };
}

/** docs/compatibility.md: of each combination the last run. */
export function compatibilityMarkdown(noted: readonly Compatibility[]): string {
  const runs = noted.flatMap(({ startedAt, runs }) => runs.map((run) => ({ ...run, startedAt })));
  const told = new Map(runs.toReversed().map((run) => [`${run.environment} ${JSON.stringify(run.versions)}`, run]));
  const rows = [...told.values()].toSorted((one, other) => orderOf(one).localeCompare(orderOf(other)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const headings = ['Environment', ...parts, 'Scenarios', 'Time', 'When'];
  return `${[
    '# What passed with what',
    '',
    'Generated from the results in [compatibility](compatibility) by `node scripts/write-compatibility.ts`, which notes the reports of `padlock matrix`. Of each combination it',
    'shows the last run. What is not here was not tried.',
    '',
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map((run) =>
      line([
        run.environment,
        ...parts.map((part) => run.versions[part] ?? 'unknown'),
        scenarioWords(run),
        formatDuration(run.durationMs),
        run.startedAt.slice(0, 10),
      ]),
    ),
    '',
    'To try a combination, name it: `padlock run core --cert-manager v1.20.3 --gateway-api v1.5.1`. A cell builds the versions of cert-manager that',
    '`components/` pins, the first time in some minutes, and takes each version of the Gateway API. Other versions of cert-manager and Istio need `--environment kind`.',
    'A matrix in `padlock.config.yaml` names several at once:',
    '',
    '```yaml',
    'matrix:',
    '  axes:',
    '    cert-manager: [v1.21.2, v1.20.3]',
    '    gateway-api: [v1.6.3, v1.5.1]',
    '```',
  ].join('\n')}\n`;
}

function orderOf({ environment, versions }: Compatibility['runs'][number]): string {
  return [environment, ...parts.map((part) => versions[part] ?? '')].join(' ');
}

function scenarioWords({ scenarios, message }: Compatibility['runs'][number]): string {
  const { passed = [], failed = [], error = [], skipped = [] } = scenarios;
  const wrong = [...failed, ...error];
  return [
    `${passed.length} passed${passed.length === 0 ? '' : `: ${passed.map((id) => `\`${id}\``).join(', ')}`}`,
    ...(wrong.length === 0 ? [] : [`${wrong.length} failed: ${wrong.map((id) => `\`${id}\``).join(', ')}`]),
    ...(skipped.length === 0 ? [] : [`${skipped.length} skipped`]),
    ...(message === null ? [] : [message.replaceAll('|', '\\|')]),
  ].join('; ');
}
