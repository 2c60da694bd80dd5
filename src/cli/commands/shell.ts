import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, slotsOf, unfilledSlots } from '../../components/index.ts';
import { ProbeClient, probeAgent } from '../../evidence/probes/probe-client.ts';
import { findProgram } from '../../find-program.ts';
import { rootsOfCa } from '../../suite/context/roots-of-ca.ts';
import { type MadeEnvironment, madeEnvironment } from './made-environment.ts';

/**
 * `padlock shell [COMMAND…]`: a shell, or one command, outside the cluster of an environment: with its name server as resolver, the
 * roots of its CA and its KUBECONFIG.
 *
 * @returns the exit code of the shell or the command; 128 and the number of the signal that ended it
 */
export async function shell(command: readonly string[], { name }: { readonly name: string }): Promise<number> {
  const environment = await madeEnvironment(name);
  const roots = await rootsFile(environment);
  const kubectl = await kubectlFolder();
  const variables = {
    KUBECONFIG: environment.kubeconfig,
    CURL_CA_BUNDLE: roots,
    SSL_CERT_FILE: roots,
    NODE_EXTRA_CA_CERTS: roots,
    ...(kubectl === null ? {} : { PATH: [kubectl, process.env.PATH ?? ''].join(delimiter) }),
  };
  if (command.length === 0) {
    process.stderr.write(
      `A shell outside '${name}': names below ${environment.made.domain} resolve, and its CA is trusted. 'exit' ends it.\n`,
    );
    if (kubectl === null && (await findProgram('kubectl')) === null) {
      process.stderr.write("This machine has no kubectl: 'padlock build kubectl' builds one for this shell.\n");
    }
  }
  const assignments = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  const program = command.length === 0 ? [process.env.SHELL || 'sh'] : command;
  const child = environment.spawnOutside(['env', ...assignments, ...program], 'terminal');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** The folder of the kubectl that `padlock build kubectl` made, which is of the version of the cluster; null without it. */
async function kubectlFolder(): Promise<string | null> {
  const [slot] = await slotsOf({ only: ['kubectl'] }, cacheFolder());
  if (slot === undefined || (await unfilledSlots([slot])).length > 0) return null;
  return slot.folder;
}

/** A file with the roots of issued certificates, and that of the directory, PEM. */
async function rootsFile({ made, kubeconfig, spawnOutside }: MadeEnvironment): Promise<string> {
  await using probes = new ProbeClient(spawnOutside([process.execPath, probeAgent]));
  const roots = await rootsOfCa(made, probes);
  const { directoryCaFile } = made.ca;
  const ofDirectory = directoryCaFile === null ? [] : [await readFile(directoryCaFile, 'utf8')];
  // Beside the kubeconfig: there both sides see it, and it goes with the environment.
  const file = join(dirname(kubeconfig), 'roots-of-shell.pem');
  await writeFile(file, [...roots, ...ofDirectory].map((pem) => `${pem.trimEnd()}\n`).join(''));
  return file;
}
