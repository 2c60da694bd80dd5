/** cert-manager's default of --max-concurrent-challenges. */
export const concurrentChallenges = 60;

/** What cert-manager waits for by itself in an HTTP-01 issuance, in ms: its self-checks and requeues (docs/performance.md). */
export const ownWaitsMs = 18_000;

/** The facts by which the next limit is found. */
export interface LimitFacts {
  readonly solver: 'http01' | 'dns01' | 'ca-issuer';
  readonly certificates: number;
  /** Of all nodes, and what runs there already; null if unknown. */
  readonly allocatablePods: number | null;
  readonly runningPods: number | null;
  readonly mostSolverPods: number;
  /** The share of the machine's cores that was busy; null if unknown. */
  readonly machineBusy: number | null;
  /** What one more certificate adds to the gateway's memory, and the limit of its container; null if unknown. */
  readonly gatewayBytesPerCertificate: number | null;
  readonly gatewayMemoryBytes: number | null;
  readonly gatewayLimitBytes: number | null;
  /** How long a restarted gateway took with how many hosts; null if it was not restarted or was not ready in time. */
  readonly restart: { readonly hosts: number; readonly readyMs: number | null; readonly limitMs: number } | null;
}

/**
 * The least time for a load by ACME: cert-manager solves so many challenges at a time, and each takes its own waits.
 *
 * @returns ms, or null where cert-manager has no such waits
 */
export function floorMs(solver: LimitFacts['solver'], certificates: number): number | null {
  return solver === 'http01' ? Math.ceil(certificates / concurrentChallenges) * ownWaitsMs : null;
}

/** Where the next limits lie, the nearest first, a sentence each. */
export function nextLimits(facts: LimitFacts): string[] {
  return [
    ...machineLimit(facts),
    ...restartLimit(facts),
    ...challengeLimit(facts),
    ...podLimit(facts),
    ...memoryLimit(facts),
  ];
}

function machineLimit({ machineBusy }: LimitFacts): string[] {
  if (machineBusy === null || machineBusy < 0.9) return [];
  return [`The machine's cores were busy for ${Math.round(machineBusy * 100)} % of the time: CPU is the limit here.`];
}

function restartLimit({ restart }: LimitFacts): string[] {
  if (restart === null) return [];
  const { hosts, readyMs, limitMs } = restart;
  const limit = `${limitMs / 1_000} s`;
  if (readyMs === null) return [`A restarted gateway with ${hosts} credentialNames was not ready within ${limit}.`];
  return [
    `A restarted gateway with ${hosts} credentialNames was ready after ${(readyMs / 1_000).toFixed(1)} s, of ${limit}.`,
  ];
}

function challengeLimit({ solver, certificates, mostSolverPods }: LimitFacts): string[] {
  if (solver === 'ca-issuer' || certificates <= concurrentChallenges) return [];
  const seen = solver === 'http01' ? ` At most ${mostSolverPods} solver Pods were there at once.` : '';
  return [
    `cert-manager solves ${concurrentChallenges} challenges at a time (--max-concurrent-challenges): more certificates wait.${seen}`,
  ];
}

function podLimit({ solver, allocatablePods, runningPods }: LimitFacts): string[] {
  if (solver !== 'http01' || allocatablePods === null || runningPods === null) return [];
  const free = allocatablePods - runningPods;
  const verdict =
    free < concurrentChallenges
      ? 'fewer than the challenges that cert-manager solves at a time: Pods are the limit'
      : 'enough for the challenges that cert-manager solves at a time';
  return [`The nodes have room for ${free} more Pods (maxPods ${allocatablePods}, ${runningPods} run): ${verdict}.`];
}

function memoryLimit(facts: LimitFacts): string[] {
  const { gatewayBytesPerCertificate: slope, gatewayMemoryBytes: now, gatewayLimitBytes: limit } = facts;
  if (slope === null || slope <= 0 || now === null || limit === null || limit <= now) return [];
  const more = Math.floor((limit - now) / slope);
  return [
    `The gateway's memory limit of ${Math.round(limit / 2 ** 20)} MiB leaves room for about ${more} more certificates, at ${Math.round(slope / 1_024)} KiB each.`,
  ];
}
