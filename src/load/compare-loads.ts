import type { LoadReport } from './load-report.ts';

/** A figure of two loads. */
export interface LoadChange {
  readonly figure: string;
  readonly before: number | null;
  readonly after: number | null;
  /** In per cent of before; null where it cannot be said. */
  readonly changePercent: number | null;
  /** Whether it grew by more than the threshold. */
  readonly regression: boolean;
}

export interface LoadComparison {
  /** Whether both loads have the same shape: otherwise no change is a regression. */
  readonly sameShape: boolean;
  readonly changes: readonly LoadChange[];
  readonly regression: boolean;
}

/** Compares two loads figure by figure; more is worse in all of them. @param thresholdPercent how much more is a regression */
export function compareLoads(before: LoadReport, after: LoadReport, thresholdPercent: number): LoadComparison {
  const sameShape = JSON.stringify(before.shape) === JSON.stringify(after.shape);
  const [earlier, later] = [figuresOf(before), figuresOf(after)];
  const changes = [...new Set([...earlier.keys(), ...later.keys()])].map((figure) => {
    const [was, is] = [earlier.get(figure) ?? null, later.get(figure) ?? null];
    const changePercent = was === null || is === null || was === 0 ? null : ((is - was) / was) * 100;
    const regression = sameShape && changePercent !== null && changePercent > thresholdPercent;
    return { figure, before: was, after: is, changePercent, regression };
  });
  return { sameShape, changes, regression: changes.some((change) => change.regression) };
}

/** The figures in which less is better, by name with unit. */
function figuresOf({ phases, perCertificate, parts, outcome, renewStorm }: LoadReport): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  const add = (name: string, value: number | null | undefined) => {
    if (value !== null && value !== undefined) figures.set(name, value);
  };
  add('all Ready, ms', outcome.readyMs);
  add('all served, ms', outcome.servedMs);
  for (const { title, p50, p95 } of phases) {
    add(`${title}, p50, ms`, p50);
    add(`${title}, p95, ms`, p95);
  }
  add('API requests per certificate', perCertificate.apiRequests);
  add('requests to the CA per certificate', perCertificate.caRequests);
  add('stored JSON per certificate, bytes', perCertificate.storedBytes);
  add('CPU per certificate, s', perCertificate.cpuSeconds);
  for (const { part, memoryPeakBytes } of parts) add(`${part}: most memory, bytes`, memoryPeakBytes);
  add('handshakes lost in the renewal storm', renewStorm?.lost);
  return figures;
}

/** A comparison as Markdown. */
export function loadComparisonMarkdown({ sameShape, changes, regression }: LoadComparison): string {
  const number = (value: number | null) => (value === null ? '' : value.toFixed(Math.abs(value) < 10 ? 2 : 0));
  const rows = changes.map(
    ({ figure, before, after, changePercent, regression: worse }) =>
      `| ${worse ? `**${figure}**` : figure} | ${number(before)} | ${number(after)} | ${changePercent === null ? '' : `${changePercent > 0 ? '+' : ''}${changePercent.toFixed(0)} %`} |`,
  );
  return `${[
    ...(sameShape ? [] : ['The loads differ in their shape, so that no change counts as a regression.', '']),
    ...['| Figure | Before | After | Change |', '| --- | --- | --- | --- |', ...rows, ''],
    regression ? 'Regression: what is in bold grew by more than the threshold.' : 'No regression.',
  ].join('\n')}\n`;
}
