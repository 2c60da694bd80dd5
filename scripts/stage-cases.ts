import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diagnose } from '../src/diagnosis/diagnose.ts';
import type { Diagnosis } from '../src/diagnosis/diagnosis.ts';
import { connectCell } from '../src/environment/cell/cell.ts';
import { certificatesInPem } from '../src/evidence/certificate-facts.ts';
import { ProbeClient, probeAgent } from '../src/evidence/probes/probe-client.ts';
import { KubeClient } from '../src/kube/client.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import { parseManifest } from '../src/kube/manifests.ts';
import { gather } from '../src/trace/gather.ts';
import { liveCluster } from '../src/trace/live-cluster.ts';

/*
 * Stages folders of manifests on a cell that is up, side by side, and traces each twice:
 *
 *   node scripts/stage-cases.ts CELL FOLDER... [--settle SECONDS] [--within SECONDS] [--trace-only]
 *
 * A folder has manifests, which are applied in the order of their names, and `expect.txt` with a line
 * `trace: certificate NAME -n NAMESPACE`, optionally a line `dns: HOST -> address of the Service NAMESPACE/NAME` (or of the
 * Gateway NAMESPACE/NAME, or an IP address, or `nowhere`; the default is istio-system/istio-ingressgateway), and lines
 * `rule: ID`, `matches: REGEX` and `never: REGEX` about verdict and remedy. In manifests `${DIRECTORY}`, `${CA_BUNDLE}`, `${HOST}`
 * and `${DOMAIN}` are replaced. The host is the name of the folder below the domain of the cell.
 */

const everyMs = 3_000;

interface Case {
  readonly folder: string;
  readonly host: string;
  readonly namespace: string;
  readonly certificate: string;
  readonly dns: string;
  readonly expected: readonly { readonly key: string; readonly value: string }[];
}

const values = new Map<string, string>();
const names: string[] = [];
for (let index = 2; index < process.argv.length; index += 1) {
  const argument = process.argv[index] ?? '';
  if (argument === '--trace-only') values.set(argument, 'yes');
  else if (argument.startsWith('--')) values.set(argument, process.argv[++index] ?? '');
  else names.push(argument);
}
const [environmentName, ...folders] = names;
if (environmentName === undefined || folders.length === 0)
  throw new Error('Usage: stage-cases.ts CELL FOLDER... [--settle SECONDS] [--within SECONDS] [--trace-only]');
const settleMs = Number(values.get('--settle') ?? 45) * 1_000;
const withinMs = Number(values.get('--within') ?? 150) * 1_000;

const environment = await connectCell(environmentName);
await using kube = await KubeClient.open({ path: environment.kubeconfig });
await using outside = new ProbeClient(environment.spawnOutside([process.execPath, probeAgent]));
const caBundle =
  environment.ca.directoryCaFile === null ? '' : (await readFile(environment.ca.directoryCaFile)).toString('base64');
const roots: string[] = [];
if (process.env.CA_ROOTS !== undefined) roots.push(...certificatesInPem(await readFile(process.env.CA_ROOTS, 'utf8')));

async function readCase(folder: string): Promise<Case> {
  const text = await readFile(join(folder, 'expect.txt'), 'utf8');
  const expected = text.split('\n').flatMap((line) => {
    const [, key, value] = /^([a-z ]+): (.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value }];
  });
  const traced = /certificate (\S+) -n (\S+)/.exec(expected.find(({ key }) => key === 'trace')?.value ?? '');
  if (traced === null) throw new Error(`${folder}/expect.txt has no line 'trace: certificate NAME -n NAMESPACE'.`);
  return {
    folder,
    host: `${basename(folder)}.${environment.domain}`,
    certificate: traced[1] ?? '',
    namespace: traced[2] ?? '',
    dns: expected.find(({ key }) => key === 'dns')?.value ?? '',
    expected,
  };
}

/** The address of a Service, once it has one. */
function addressOf(namespace: string, name: string): Promise<string> {
  return kube.waitFor(
    { apiVersion: 'v1', kind: 'Service', namespace },
    (services) => {
      const service = services.find(({ metadata }) => metadata.name === name);
      const status = service?.status as { loadBalancer?: { ingress?: { ip?: string }[] } } | undefined;
      return status?.loadBalancer?.ingress?.[0]?.ip;
    },
    { what: `Service ${namespace}/${name} to have an address`, withinMs: 60_000 },
  );
}

async function pointHost({ dns, host }: Case): Promise<void> {
  const [, kind, namespace, name] = /address of (?:the )?(?:(Service|Gateway) )?([\w-]+)\/([\w-]+)/.exec(dns) ?? [];
  const literal = /-> ([\d.a-f:]+(?:, ?[\d.a-f:]+)*)\s*$/.exec(dns)?.[1];
  if (/-> nowhere/.test(dns)) return environment.setAddresses(host, []);
  if (literal !== undefined && namespace === undefined) {
    const gateway = await addressOf('istio-system', 'istio-ingressgateway');
    return environment.setAddresses(
      host,
      literal.split(/, ?/).map((each) => (each === '0.0.0.0' ? gateway : each)),
    );
  }
  const address = await addressOf(
    namespace ?? 'istio-system',
    kind === 'Gateway' ? `${name}-istio` : (name ?? 'istio-ingressgateway'),
  );
  return environment.setAddresses(host, [address]);
}

async function stage(each: Case): Promise<void> {
  const files = (await readdir(each.folder))
    .filter((file) => file.endsWith('.yaml') && !file.startsWith('cure'))
    .sort();
  for (const [index, file] of files.entries()) {
    const written = await readFile(join(each.folder, file), 'utf8');
    const placeholders: Readonly<Record<string, string>> = {
      ...{ DIRECTORY: environment.ca.directoryUrl, CA_BUNDLE: caBundle, HOST: each.host, DOMAIN: environment.domain },
    };
    const text = written.replace(/\$\{([A-Z_]+)\}/g, (all, name: string) => placeholders[name] ?? all);
    const objects: readonly KubeObject[] = parseManifest(text, file);
    await kube.apply(objects);
    if (index === files.length - 1) break;
    await settled(objects);
  }
  await pointHost(each);
}

/** Waits until Gateways are programmed, Deployments are available and Challenges are presented. */
async function settled(objects: readonly KubeObject[]): Promise<void> {
  for (const { apiVersion, kind, metadata } of objects) {
    const { namespace = '', name } = metadata;
    const wanted = { Deployment: 'Available', Gateway: 'Programmed' }[kind];
    if (wanted === undefined || apiVersion.startsWith('networking.istio.io')) continue;
    await kube.waitFor(
      { apiVersion, kind, namespace },
      (all) => {
        const conditions = (
          all.find((each) => each.metadata.name === name)?.status as { conditions?: { type: string; status: string }[] }
        )?.conditions;
        return conditions?.some((each) => each.type === wanted && each.status === 'True') || undefined;
      },
      { what: `${kind} ${namespace}/${name} to be ${wanted}`, withinMs: 240_000 },
    );
  }
  const namespace = objects.find(({ kind }) => kind === 'Certificate')?.metadata.namespace;
  if (namespace === undefined) return;
  await kube
    .waitFor(
      { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge', namespace },
      (all) =>
        all.some(({ status }) => (status as { presented?: boolean } | undefined)?.presented === true) || undefined,
      { what: `a Challenge in ${namespace} to be presented`, withinMs: 20_000 },
    )
    .catch(() => undefined);
}

const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()];
let next = 0;

/** A few traces at a time: each reads the whole configuration of a gateway. */
function trace(each: Case): Promise<Diagnosis> {
  const lane = next;
  next = (next + 1) % lanes.length;
  const traced = (lanes[lane] ?? Promise.resolve()).then(() => traceNow(each));
  lanes[lane] = traced.catch(() => {});
  return traced;
}

async function traceNow({ namespace, certificate }: Case): Promise<Diagnosis> {
  return diagnose(
    await gather({
      ...{ cluster: liveCluster(kube), outside, namespace, name: certificate, caRoots: roots },
      nameServers: environment.nameServers,
      signal: new AbortController().signal,
    }),
  );
}

function isFault({ links }: Diagnosis): boolean {
  return links?.some(({ state }) => state === 'broken') ?? false;
}

async function settle(each: Case): Promise<[Diagnosis, Diagnosis]> {
  const begun = Date.now();
  let last = '';
  let since = begun;
  for (;;) {
    const diagnosis = await trace(each);
    const told = `${diagnosis.rule}`;
    if (told !== last) since = Date.now();
    last = told;
    const isSteady = Date.now() - since >= (isFault(diagnosis) ? Math.min(settleMs, 12_000) : settleMs);
    if ((isSteady && isFault(diagnosis)) || Date.now() - begun > withinMs) return [diagnosis, await trace(each)];
    await pause(everyMs);
  }
}

let failed = 0;
const cases = await Promise.all(folders.map(readCase));
await Promise.all(
  cases.map(async (each) => {
    const report: string[] = [`\n=== ${basename(each.folder)} (${each.host})`];
    try {
      if (!values.has('--trace-only')) await stage(each);
      const [first, second] = await settle(each);
      report.push(
        `${first.rule} [${first.link}, ${first.confidence}]: ${first.verdict}`,
        ...first.evidence.map((line) => `   - ${line}`),
        `   Remedy: ${first.remedy}`,
        ...(first.consequences ?? []).map((line) => `   follows: ${line}`),
        ...(first.alsoBroken ?? []).map((line) => `   also: ${line}`),
        ...first.unseen.map((line) => `   unseen: ${line}`),
        `   chain: ${(first.links ?? []).map(({ link, state, by }) => `${link}=${state}${by === undefined ? '' : `(${by})`}`).join(' ')}`,
      );
      const wrong: string[] = [];
      if (first.verdict !== second.verdict) wrong.push(`the second trace says ${second.rule}: ${second.verdict}`);
      const told = `${first.verdict}\n${first.remedy ?? ''}`;
      for (const { key, value } of each.expected) {
        if (key === 'rule' && first.rule !== value) wrong.push(`rule ${value} was expected`);
        if (key === 'matches' && !new RegExp(value, 'i').test(told)) wrong.push(`it does not match ${value}`);
        if (key === 'never' && new RegExp(value, 'i').test(told)) wrong.push(`it matches ${value}`);
        if (['verdict must contain', 'fix must contain', 'must not say'].includes(key))
          report.push(`   (${key}: ${value})`);
      }
      if (wrong.length > 0) failed += 1;
      report.push(wrong.length === 0 ? '   ok' : `   WRONG: ${wrong.join('; ')}`);
    } catch (error) {
      failed += 1;
      report.push(`   ERROR: ${error instanceof Error ? error.message : String(error)}`);
    }
    process.stdout.write(`${report.join('\n')}\n`);
  }),
);
process.exitCode = failed === 0 ? 0 : 1;
