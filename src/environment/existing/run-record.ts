import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KubeClient } from '../../kube/client.ts';
import type { IstioKubeconfig } from '../../kube/connection.ts';
import { UserError } from '../../user-error.ts';
import { stateRoot } from '../state-root.ts';
import { installParts } from './install-parts.ts';

/** What a run installed in a cluster: the components, and the kinds of their objects outside the run's own namespaces. */
const installedSchema = z.object({
  parts: z.array(z.enum(installParts)),
  kinds: z.array(z.object({ apiVersion: z.string(), kind: z.string(), namespace: z.string().nullable() })),
});

export type Installed = Readonly<z.infer<typeof installedSchema>>;

/** The data for removing what a run created in an existing cluster, even after the run was killed. No secrets. */
const runRecordSchema = z.object({
  run: z.string().regex(/^run-[a-z0-9]+$/),
  createdAt: z.iso.datetime(),
  kubeconfig: z.string(),
  context: z.string().nullable(),
  server: z.string(),
  /** The API server of Istio's control plane; null if it has none of its own. */
  istio: z
    .object({ kubeconfig: z.string(), context: z.string().nullable(), server: z.string() })
    .nullable()
    .default(null),
  gatewayNamespace: z.string(),
  dnsHook: z.string().nullable(),
  /** Host names with addresses set by the run. */
  hosts: z.array(z.string()),
  /** Whether DNS-01 may have left TXT records, which cert-manager must remove first. */
  dnsUpdates: z.boolean().default(false),
  /** The folder of programs outside. */
  scratch: z.string(),
  /** The original IngressClass, if the run may change it. */
  ingressClass: z.record(z.string(), z.unknown()).nullable(),
  /** Null if nothing was installed. */
  installed: installedSchema.nullable().default(null),
});

export type RunRecord = Readonly<z.infer<typeof runRecordSchema>>;

/** What a record keeps of the API server of Istio's control plane. */
export function istioRecord(kube: KubeClient, istio: IstioKubeconfig | undefined): RunRecord['istio'] {
  if (istio === undefined || kube.istio === null) return null;
  return { kubeconfig: istio.path, context: istio.context ?? null, server: kube.istio.server };
}

/** The kubeconfig of Istio's control plane of a recorded run. */
export function istioOfRecord({ istio }: RunRecord): IstioKubeconfig | undefined {
  return istio === null ? undefined : { path: istio.kubeconfig, context: istio.context ?? undefined };
}

function recordsRoot(): string {
  return join(stateRoot(), 'existing');
}

/** The file of a run's record. */
export function recordFile(run: string): string {
  return join(recordsRoot(), `${run}.json`);
}

export async function writeRunRecord(record: RunRecord): Promise<void> {
  await mkdir(recordsRoot(), { recursive: true, mode: 0o700 });
  const temporary = join(recordsRoot(), `.${randomUUID()}`);
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, recordFile(record.run));
}

/** The record of a run; null if nothing is left to remove. @throws UserError (3) if the file is not a valid record */
export async function readRunRecord(run: string): Promise<RunRecord | null> {
  if (!/^run-[a-z0-9]+$/.test(run)) return null;
  const text = await readFile(recordFile(run), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return runRecordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(
      `Cannot read the run record ${recordFile(run)}. Remove by hand what has the label padlock.dev/run=${run}, then the file.`,
      { exitCode: 3, cause },
    );
  }
}

/** The runs with a record, which may have left objects in a cluster. */
export async function recordedRuns(): Promise<readonly string[]> {
  const files = await readdir(recordsRoot()).catch(() => []);
  return files.filter((file) => /^run-[a-z0-9]+\.json$/.test(file)).map((file) => file.replace(/\.json$/, ''));
}

/**
 * The records of other runs in the same cluster that set addresses of a host. Hosts of runs have names of their own, so that these are
 * earlier runs which staged the same fault. Unreadable records are left out.
 */
export async function recordsWithHost({ run, server }: RunRecord, host: string): Promise<readonly RunRecord[]> {
  const others = (await recordedRuns()).filter((other) => other !== run);
  const records = await Promise.all(others.map((other) => readRunRecord(other).catch(() => null)));
  return records
    .filter((record) => record !== null)
    .filter((record) => record.server === server && record.hosts.includes(host));
}

export async function removeRunRecord(run: string): Promise<void> {
  await rm(recordFile(run), { force: true });
}
