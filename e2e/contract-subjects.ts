import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { builtComponents } from '../src/bring-up/built-components.ts';
import { startEnvironment } from '../src/bring-up/start-environment.ts';
import type { CellOptions } from '../src/environment/cell/cell-options.ts';
import { readCellRecord } from '../src/environment/cell/cell-record.ts';
import { cellNetwork } from '../src/environment/cell/node/cell-network.ts';
import { cellCgroup } from '../src/environment/cell/processes/cgroups.ts';
import type { ContractSubject } from '../src/environment/environment.contract.ts';
import { imageOf } from '../src/platform/component-image.ts';
import { RunNarrator } from '../src/progress/run-narrator.ts';
import { lookAtMachine } from './machine.ts';

/** Starts an environment of one kind for the contract, with Istio, cert-manager and cluster DNS on it. */
export type StartSubject = () => Promise<ContractSubject>;

/** A cell that is restored from a prepared state. */
export const startRestoredCell: StartSubject = async () => {
  const first = await startCell({});
  if (first.isRestored) return first.subject;
  // The first cell of its components takes the state.
  await first.subject.environment.down();
  const { subject, isRestored } = await startCell({});
  if (!isRestored) throw new Error('the cell was not restored from a prepared state');
  return subject;
};

/** A cell on which everything is installed anew. */
export const startInstalledCell: StartSubject = async () => (await startCell({ installFresh: true })).subject;

async function startCell(options: CellOptions): Promise<{ subject: ContractSubject; isRestored: boolean }> {
  const { signal } = new AbortController();
  using narrator = RunNarrator.open({ command: 'up', signal });
  const components = await builtComponents(narrator, signal);
  const name = `contract-${randomBytes(3).toString('hex')}`;
  const { environment, prepared } = await startEnvironment({
    ...{ kind: 'cell', name, options, outlives: false, components, narrator, signal },
  });
  narrator.end('ready');
  const record = await readCellRecord(name);
  if (record === null) throw new Error(`the cell ${name} has no record`);
  const namespaces = [record.nodePid, record.outsidePid].flatMap((pid) => (pid ? networkNamespaceOf(pid) : []));
  const subject: ContractSubject = {
    environment,
    images: {
      httpbin: imageOf(components, 'docker.io/mccutchen/go-httpbin').name,
      proxy: imageOf(components, 'docker.io/istio/proxyv2').name,
    },
    imagePullPolicy: 'Never',
    async left() {
      // Only what is this cell's: others may come and go on this machine at the same time.
      const machine = lookAtMachine();
      const { hostInterface, subnet, slot } = cellNetwork(record.slot);
      const [prefix = subnet] = subnet.split('.0/');
      return [
        ...machine.processes.filter((line) => line.includes(`/cells/${name}/`)),
        ...processesIn(namespaces),
        ...machine.mounts.filter((line) => line.includes(`/cells/${name}/`)),
        ...machine.cgroups.filter((path) => path.endsWith(`/${cellCgroup(name)}`)),
        ...machine.interfaces.filter((found) => found.split('@')[0] === hostInterface),
        ...machine.routes.filter((route) => route.includes(`${prefix}.`)),
        ...machine.state.filter((entry) => entry === name || entry === String(slot)),
      ];
    },
  };
  return { subject, isRestored: prepared.facts.preparedState !== undefined };
}

function networkNamespaceOf(pid: number | string): string[] {
  try {
    return [readlinkSync(`/proc/${pid}/ns/net`)];
  } catch {
    return [];
  }
}

function processesIn(namespaces: readonly string[]): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => networkNamespaceOf(pid).some((namespace) => namespaces.includes(namespace)))
    .map((pid) => `process ${pid}`);
}
