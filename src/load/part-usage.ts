/** What one part used until a moment: CPU since it began, memory at the moment. */
export interface PartUsage {
  readonly part: string;
  /** Null where it is unknown. */
  readonly cpuSeconds: number | null;
  readonly memoryBytes: number | null;
}

/** The usage of all parts at a moment. */
export interface UsageSample {
  /** ms since the epoch. */
  readonly at: number;
  readonly parts: readonly PartUsage[];
}

/** Reads what the parts use. @throws Error where nothing can be read; a part that is gone is left out */
export type UsageReader = () => Promise<readonly PartUsage[]>;

/** Several usages of one part as one: a part may have several processes, and Pods. */
export function summedByPart(usages: readonly PartUsage[]): PartUsage[] {
  const sums = new Map<string, PartUsage>();
  for (const { part, cpuSeconds, memoryBytes } of usages) {
    const before = sums.get(part);
    sums.set(part, {
      part,
      cpuSeconds: added(before?.cpuSeconds, cpuSeconds),
      memoryBytes: added(before?.memoryBytes, memoryBytes),
    });
  }
  return [...sums.values()];
}

function added(before: number | null | undefined, more: number | null): number | null {
  if (before === undefined || before === null) return more;
  return more === null ? before : before + more;
}
