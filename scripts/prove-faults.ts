import { standaloneFaults } from '../faults/index.ts';
import { connectCell } from '../src/environment/cell/cell.ts';
import { ProbeClient, probeAgent } from '../src/evidence/probes/probe-client.ts';
import type { FaultPlace } from '../src/faults/fault-place.ts';
import type { FaultProof } from '../src/faults/prove-fault.ts';
import { proveFaults } from '../src/faults/prove-faults.ts';
import { KubeClient } from '../src/kube/client.ts';
import { Tracer } from '../src/trace/tracer.ts';
import { writeVerdicts } from './fault-verdicts.ts';

/*
 * Stages faults on a cell that is up, traces each twice, cures it and waits until its certificate is served:
 *
 *   node scripts/prove-faults.ts CELL [--at-once N] [--write] [FAULT...]
 *
 * Without faults, all that can be staged on their own. `--write` keeps the verdicts for docs/fault-verdicts.md.
 */

const values = new Map<string, string>();
const names: string[] = [];
for (let index = 2; index < process.argv.length; index += 1) {
  const argument = process.argv[index] ?? '';
  if (argument === '--write') values.set(argument, 'yes');
  else if (argument.startsWith('--')) values.set(argument, process.argv[++index] ?? '');
  else names.push(argument);
}
const [cellName, ...ids] = names;
if (cellName === undefined) throw new Error('Usage: prove-faults.ts CELL [--at-once N] [--write] [FAULT...]');
const unknown = ids.filter((id) => !standaloneFaults.some((fault) => fault.id === id));
if (unknown.length > 0) throw new Error(`No such fault that can be staged on its own: ${unknown.join(', ')}`);
const chosen = standaloneFaults.filter(({ id }) => ids.length === 0 || ids.includes(id));

const stopped = new AbortController();
process.once('SIGINT', () => stopped.abort(new Error('interrupted')));
const { signal } = stopped;
const environment = await connectCell(cellName);
await using kube = await KubeClient.open({ path: environment.kubeconfig });
await using outside = new ProbeClient(environment.spawnOutside([process.execPath, probeAgent]));
const place: FaultPlace = { environment, kube, externalAccount: await environment.externalAccountCa?.(), signal };
const { nameServers } = environment;
const tracer = new Tracer({ kube, outside, nameServers, caRoots: [], signal });
const begun = Date.now();
const proofs = await proveFaults(chosen, place, tracer, {
  atOnce: Number(values.get('--at-once') ?? 12),
  onProof: (proof) => process.stdout.write(told(proof, Date.now() - begun)),
});
if (values.has('--write')) await writeVerdicts(proofs);
const wrong = proofs.filter(({ problem }) => problem !== null);
process.stdout.write(`${proofs.length - wrong.length} of ${proofs.length} in ${seconds(Date.now() - begun)}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function told({ id, first, before, namedAfterMs, curedAfterMs, problem }: FaultProof, atMs: number): string {
  const times = `named after ${seconds(namedAfterMs)}, cured after ${seconds(curedAfterMs)}`;
  return [
    `${seconds(atMs)} ${problem === null ? 'ok' : 'WRONG'} ${id} (${times}${before.length === 0 ? '' : `; before: ${before.map(({ rule, blames }) => `${rule}${blames ? '!' : ''}`).join(', ')}`})`,
    ...(problem === null ? [] : [`    ${problem}`]),
    ...(first === null ? [] : [`    ${first.rule}: ${first.verdict}`, `    Remedy: ${first.remedy}`]),
    '',
  ].join('\n');
}

function seconds(ms: number | null): string {
  return ms === null ? '-' : `${(ms / 1_000).toFixed(1)} s`;
}
