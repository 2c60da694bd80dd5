import { getServers } from 'node:dns';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { environmentNamed } from '../../environment/registry/providers.ts';
import { certificatesInPem } from '../../evidence/certificate-facts.ts';
import { ProbeClient } from '../../evidence/probes/probe-client.ts';
import { KubeClient } from '../../kube/client.ts';
import type { IstioKubeconfig } from '../../kube/connection.ts';
import { textOfOption } from '../../option-file.ts';
import { programFile } from '../../program-file.ts';
import { gather } from '../../trace/gather.ts';
import { type Outside, thisMachine } from '../../trace/outside.ts';
import { traceText } from '../../trace/trace-text.ts';
import { untilChanged } from '../../trace/until-changed.ts';
import { walk } from '../../trace/walk.ts';
import { UserError } from '../../user-error.ts';
import { type IstioOptions, istioKubeconfigOf } from '../options/istio-kubeconfig.ts';
import type { CommandContext } from './command-context.ts';

export interface TraceOptions extends IstioOptions {
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** An environment instead of a kubeconfig. Its hosts are then probed from outside its cluster. */
  readonly name?: string;
  readonly caBundle?: string;
  readonly dns?: string;
  readonly watch: boolean;
  readonly json: boolean;
}

/** The rules whose verdict is that nothing is wrong. */
const goodRules = new Set(['served', 'issued']);
const probeAgent = programFile(import.meta.dirname, '..', '..', 'evidence', 'probes', 'probe-agent');

interface Place extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly istio: IstioKubeconfig | undefined;
  readonly outside: Outside;
  readonly nameServers: readonly string[];
}

async function placeOf(options: TraceOptions): Promise<Place> {
  const { name, kubeconfig, context, dns } = options;
  const istio = istioKubeconfigOf(options);
  if (name !== undefined) {
    if (kubeconfig !== undefined) throw new UserError('Pass either --name or --kubeconfig, not both.');
    const environment = await (await environmentNamed(name)).connect();
    const probes = new ProbeClient(environment.spawnOutside([process.execPath, probeAgent]));
    return {
      kubeconfig: environment.kubeconfig,
      context: context ?? environment.context,
      istio: istio ?? environment.istio,
      outside: probes,
      nameServers: dns === undefined ? environment.nameServers : [dns],
      [Symbol.asyncDispose]: () => probes[Symbol.asyncDispose](),
    };
  }
  return {
    // As kubectl does; a list of files is not supported.
    kubeconfig: kubeconfig ?? (process.env.KUBECONFIG || join(homedir(), '.kube', 'config')),
    context,
    istio,
    outside: thisMachine,
    nameServers: dns === undefined ? getServers() : [dns],
    [Symbol.asyncDispose]: async () => {},
  };
}

async function rootsIn(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return [];
  const text = await textOfOption('--ca-bundle', file);
  const roots = certificatesInPem(text);
  if (roots.length === 0) throw new UserError(`--ca-bundle ${file} contains no PEM certificate.`);
  return roots;
}

/**
 * `padlock trace certificate NAME`: read-only. Exit code 0 if nothing is wrong, 1 if the Certificate is not issued or
 * not served. With `--watch` it also ends, with 1, when nobody reads its output any more.
 */
export async function trace(
  name: string,
  options: TraceOptions,
  { signal, readerGone }: CommandContext,
): Promise<number> {
  const caRoots = await rootsIn(options.caBundle);
  await using place = await placeOf(options);
  await using kube = await KubeClient.open({
    path: place.kubeconfig,
    context: place.context,
    istio: place.istio,
  });
  const { namespace } = options;
  const { outside, nameServers } = place;
  let last = '';
  for (;;) {
    const gathered = await gather({ kube, namespace, name, outside, nameServers, caRoots, signal });
    const diagnosis = diagnose(gathered);
    const stations = walk(gathered);
    // Times alone are no change.
    const news = `${diagnosis.rule} ${stations.map(({ name: station, state }) => `${station} ${state}`).join('\n')}`;
    if (news !== last) {
      if (options.json)
        process.stdout.write(
          `${JSON.stringify({ at: new Date().toISOString(), certificate: `${namespace}/${name}`, way: stations, diagnosis }, null, options.watch ? 0 : 2)}\n`,
        );
      else
        process.stdout.write(
          `${options.watch ? `\n${new Date().toISOString()}\n` : ''}${traceText(stations, diagnosis)}`,
        );
    }
    last = news;
    const isGood = goodRules.has(diagnosis.rule);
    if (!options.watch || isGood) return isGood ? 0 : 1;
    try {
      await untilChanged(kube, namespace, AbortSignal.any(readerGone === undefined ? [signal] : [signal, readerGone]));
    } catch (error) {
      if (readerGone?.aborted && !signal.aborted) return 1;
      throw error;
    }
  }
}
