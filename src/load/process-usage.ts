import { type ProcessStat, processesBelow, readProcessStats } from '../process-stat.ts';
import { type PartUsage, summedByPart } from './part-usage.ts';

/** What parts are called, by the names of their processes, which the kernel cuts after 15 characters. */
const partNames: Readonly<Record<string, string>> = {
  envoy: 'gateway',
  'pilot-agent': 'gateway',
  'pilot-discovery': 'istiod',
  controller: 'cert-manager controller',
  webhook: 'cert-manager webhook',
  cainjector: 'cert-manager cainjector',
  acmesolver: 'solvers',
  'kube-controller': 'kube-controller-manager',
  'containerd-shim': 'containerd',
  runc: 'containerd',
  'runc:[2:INIT]': 'containerd',
  pause: 'containerd',
  // The first process of a PID namespace waits for those whose parents ended, and takes over their CPU time.
  tini: 'processes that ended',
};

/** The usage by part of the processes below one of them. */
export function usageBelow(processes: readonly ProcessStat[], root: number): readonly PartUsage[] {
  return summedByPart(
    processesBelow(processes, root).map(({ name, cpuSeconds, memoryBytes }) => ({
      part: partNames[name.slice(0, 15)] ?? name,
      cpuSeconds,
      memoryBytes,
    })),
  );
}

/** Reads the usage of everything below a process of this machine. */
export async function readProcessUsage(root: number, proc = '/proc'): Promise<readonly PartUsage[]> {
  return usageBelow(await readProcessStats(proc), root);
}
