import type { Report } from './report.ts';
import { shortened, visibleLine, visibleText } from './visible-text.ts';

/** GitHub shows this many errors and as many warnings for a step, and silently drops the rest. */
const annotationsPerLevel = 10;
const titleLimit = 200;
const messageLimit = 4000;

/** A message that GitHub shows beside a step. */
export interface Annotation {
  readonly title: string;
  readonly message: string;
}

/** Whether this process runs in a step of GitHub Actions, which reads workflow commands from its output. */
export function wantsGithubAnnotations(variables: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return variables.GITHUB_ACTIONS === 'true';
}

/**
 * The report as workflow commands of GitHub Actions, a line each: an error for the environment, for each scenario that
 * ended early or was diagnosed, and for each check that failed; a warning for what was skipped. Of more than GitHub shows,
 * the last line of the level says how many more there are.
 */
export function githubAnnotations(report: Report): string[] {
  return annotationCommands(errors(report), warnings(report));
}

/** Annotations as workflow commands, a line each, see {@link githubAnnotations}. */
export function annotationCommands(failures: readonly Annotation[], others: readonly Annotation[]): string[] {
  return [
    ...fitted(failures, 'failures').map((annotation) => command('error', annotation)),
    ...fitted(others, 'warnings').map((annotation) => command('warning', annotation)),
  ];
}

function errors({ error, scenarios }: Report): Annotation[] {
  return [
    ...(error === undefined ? [] : [{ title: 'Padlock: the environment failed', message: withLastSeen(error) }]),
    ...scenarios.flatMap((scenario) => {
      const failed = scenario.checks.filter(({ result }) => result === 'failed');
      if (scenario.result !== 'failed' && scenario.result !== 'error') return [];
      const diagnosis = scenario.diagnosis === null ? [] : [diagnosed(scenario.diagnosis)];
      const ended = scenario.error === undefined ? [] : [withLastSeen(scenario.error)];
      const whole = [...diagnosis, ...ended];
      return [
        ...(whole.length === 0 ? [] : [{ title: `Padlock: ${scenario.id}`, message: whole.join('\n') }]),
        ...failed.map(({ id, message }) => ({ title: `Padlock: ${scenario.id} ${id}`, message })),
      ];
    }),
  ];
}

function warnings({ scenarios }: Report): Annotation[] {
  if (scenarios.length === 0) return [{ title: 'Padlock: partial', message: 'No scenario ran.' }];
  return scenarios.flatMap((scenario) => {
    const skipped = scenario.checks.filter(({ result, notApplicable }) => result === 'skipped' && !notApplicable);
    return [
      ...(scenario.result === 'skipped' && scenario.checks.length === 0
        ? [
            {
              title: `Padlock: ${scenario.id}`,
              message:
                scenario.notApplicable === undefined
                  ? 'The scenario did not run.'
                  : `Not applicable, because: ${scenario.notApplicable}`,
            },
          ]
        : []),
      ...skipped.map(({ id, message }) => ({ title: `Padlock: ${scenario.id} ${id} was skipped`, message })),
    ];
  });
}

function diagnosed({ verdict, remedy }: NonNullable<Report['scenarios'][number]['diagnosis']>): string {
  return remedy === null ? verdict : `${verdict} ${remedy}`;
}

function withLastSeen({ message, lastSeen }: NonNullable<Report['error']>): string {
  return lastSeen === undefined ? message : `${message}; last seen: ${lastSeen}`;
}

function fitted(annotations: readonly Annotation[], what: string): readonly Annotation[] {
  if (annotations.length <= annotationsPerLevel) return annotations;
  const shown = annotations.slice(0, annotationsPerLevel - 1);
  const more = `${annotations.length - shown.length} more ${what}`;
  return [...shown, { title: `Padlock: ${more}`, message: `There are ${more}; the step's summary lists all of them.` }];
}

/** `::error title=…::message`, escaped as the runner's own toolkit does, or a line of a log would become a command. */
function command(level: 'error' | 'warning', { title, message }: Annotation): string {
  return `::${level} title=${escapedProperty(shortened(visibleLine(title), titleLimit))}::${escapedData(shortened(visibleText(message), messageLimit))}`;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
