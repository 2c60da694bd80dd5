/** One sample of a metric. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const label = /([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/**
 * The samples of some metrics in Prometheus' text exposition format (version 0.0.4); lines that are none are left out, as what a
 * component offers is not ours to judge.
 *
 * @param names whose samples are wanted
 */
export function samplesIn(text: string, names: readonly string[]): MetricSample[] {
  const wanted = new Set(names);
  const samples: MetricSample[] = [];
  for (const each of text.split('\n')) {
    // Before the expression: an API server has tens of thousands of lines.
    const end = each.search(/[{\s]/);
    if (end <= 0 || !wanted.has(each.slice(0, end))) continue;
    const [, name = '', labels = '', value = ''] = line.exec(each.trim()) ?? [];
    const number = numberIn(value);
    if (name === '' || number === null) continue;
    const pairs = [...labels.matchAll(label)].map(([, key = '', text = '']) => [key, unescaped(text)] as const);
    samples.push({ name, labels: Object.fromEntries(pairs), value: number });
  }
  return samples;
}

/** The sum of all samples of a metric; null if there is none. */
export function sumOf(samples: readonly MetricSample[], name: string): number | null {
  const values = samples.flatMap((sample) => (sample.name === name ? [sample.value] : []));
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

/** The sums of a metric by what a key makes of its labels. */
export function sumsBy(
  samples: readonly MetricSample[],
  name: string,
  keyOf: (labels: MetricSample['labels']) => string,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const sample of samples) {
    if (sample.name !== name) continue;
    const key = keyOf(sample.labels);
    sums.set(key, (sums.get(key) ?? 0) + sample.value);
  }
  return sums;
}

function numberIn(text: string): number | null {
  const number = Number(text);
  return text === '' || !Number.isFinite(number) ? null : number;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
