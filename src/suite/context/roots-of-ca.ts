import type { RunningEnvironment } from '../../environment/environment.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import type { ProbeClient } from '../../evidence/probes/probe-client.ts';
import { UserError } from '../../user-error.ts';

const rootRequestWithinMs = 10_000;

/** The roots at which chains of the environment's CA must end, PEM. @throws UserError (3) if the CA does not give them */
export function rootsOfCa({ ca }: Pick<RunningEnvironment, 'ca'>, probes: ProbeClient): Promise<readonly string[]> {
  return ca.roots((url, address, root) => getText(probes, url, address, root));
}

/** Fetches a small text from outside the cluster. @throws UserError (3) if that fails */
async function getText(probes: ProbeClient, url: string, address: string, root: string): Promise<string> {
  const probe = await probes.http({
    name: probeNames.caRoot,
    url,
    address,
    trust: 'ca-roots',
    roots: [root],
    withinMs: rootRequestWithinMs,
  });
  if ('status' in probe.outcome && probe.outcome.status === 200) return probe.outcome.body;
  const seen = 'error' in probe.outcome ? probe.outcome.error : `status ${probe.outcome.status}`;
  throw new UserError(`Cannot fetch the CA's root from ${url}: ${seen}.`, { exitCode: 3 });
}
