import { getServers } from 'node:dns';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { environmentNamed } from '../../environment/registry/providers.ts';
import { ProbeClient, probeAgent } from '../../evidence/probes/probe-client.ts';
import { KubeClient } from '../../kube/client.ts';
import type { IstioKubeconfig } from '../../kube/connection.ts';
import { gather } from '../../trace/gather.ts';
import { type GivenLogFormats, givenLogFormats } from '../../trace/given-log-formats.ts';
import { liveCluster } from '../../trace/live-cluster.ts';
import { type Outside, thisMachine } from '../../trace/outside.ts';
import { isGoodRule, traceJson, traceText } from '../../trace/trace-text.ts';
import { untilChanged } from '../../trace/until-changed.ts';
import { walk } from '../../trace/walk.ts';
import { UserError } from '../../user-error.ts';
import { type IstioOptions, istioKubeconfigOf } from '../options/istio-kubeconfig.ts';
import { rootsIn } from '../options/roots-in.ts';
import type { CommandContext } from './command-context.ts';
import { traceSaved } from './trace-saved.ts';

export interface TraceOptions extends IstioOptions, GivenLogFormats {
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** An environment instead of a kubeconfig. Its hosts are then probed from outside its cluster. */
  readonly name?: string;
  /** What was saved of a cluster, instead of one. */
  readonly bundle?: string;
  readonly caBundle?: string;
  readonly dns?: string;
  /** Whether a Pod is made that looks from inside. */
  readonly fromInside?: boolean;
  readonly watch: boolean;
  readonly json: boolean;
}

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

/** @throws UserError (2) for options that need a cluster */
function refuseLiveOptions({
  kubeconfig,
  context,
  istioKubeconfig,
  istioContext,
  name,
  dns,
  watch,
  fromInside,
}: TraceOptions): void {
  const given = { kubeconfig, context, 'istio-kubeconfig': istioKubeconfig, 'istio-context': istioContext, name, dns };
  const [first] = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  const refused = first ?? (watch ? 'watch' : fromInside ? 'from-inside' : undefined);
  if (refused !== undefined) {
    throw new UserError(`--${refused} needs a cluster, and --bundle traces without one. Leave one of them out.`);
  }
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
  if (options.bundle !== undefined) {
    const { bundle: from, namespace } = options;
    refuseLiveOptions(options);
    const given = { accessLogFormats: givenLogFormats(options) };
    return await traceSaved({ ...options, ...given, from, certificate: { namespace, name } }, { signal });
  }
  const caRoots = await rootsIn(options.caBundle);
  const accessLogFormats = givenLogFormats(options);
  await using place = await placeOf(options);
  await using kube = await KubeClient.open({
    path: place.kubeconfig,
    context: place.context,
    istio: place.istio,
  });
  const { namespace } = options;
  const cluster = liveCluster(kube);
  const { outside, nameServers } = place;
  let last = '';
  for (;;) {
    const gathered = await gather({
      cluster,
      namespace,
      name,
      outside,
      nameServers,
      caRoots,
      fromInside: options.fromInside ?? false,
      accessLogFormats,
      signal,
    });
    const diagnosis = diagnose(gathered);
    const stations = walk(gathered);
    // Times alone are no change.
    const news = `${diagnosis.rule} ${stations.map(({ name: station, state }) => `${station} ${state}`).join('\n')}`;
    if (news !== last) {
      const at = new Date();
      if (options.json) {
        process.stdout.write(traceJson({ namespace, name }, at, { stations, diagnosis }, options.watch ? 0 : 2));
      } else {
        process.stdout.write(`${options.watch ? `\n${at.toISOString()}\n` : ''}${traceText(stations, diagnosis)}`);
      }
    }
    last = news;
    const isGood = isGoodRule(diagnosis.rule);
    if (!options.watch || isGood) return isGood ? 0 : 1;
    try {
      await untilChanged(kube, namespace, AbortSignal.any(readerGone === undefined ? [signal] : [signal, readerGone]));
    } catch (error) {
      if (readerGone?.aborted && !signal.aborted) return 1;
      throw error;
    }
  }
}
