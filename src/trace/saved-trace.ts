import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SavedBundle } from '../bundle/index.ts';
import type { DiagnosisInput } from '../diagnosis/situation.ts';
import type { Evidence, ObjectReference } from '../evidence/evidence.ts';
import { readEvidence } from '../report/folder/read-evidence.ts';
import { UserError } from '../user-error.ts';
import { BundleCluster } from './bundle-cluster.ts';
import { gather, type TraceRequest } from './gather.ts';

/** What was saved of a cluster, to be traced without it. */
export interface SavedTrace {
  /** The Certificates in it. */
  readonly certificates: readonly ObjectReference[];
  /** @throws UserError (2) where it has no such Certificate */
  read(certificate: ObjectReference): Promise<DiagnosisInput>;
}

/**
 * Opens what a trace may read instead of a cluster: a bundle, a report with the evidence of its scenarios, or one file of
 * evidence. Nothing is asked of any cluster.
 *
 * @param caRoots PEM: the roots that clients trust
 * @throws UserError (2) for anything else, and for another version
 */
export async function openSavedTrace(
  path: string,
  { caRoots, accessLogFormats = [], signal }: Pick<TraceRequest, 'caRoots' | 'accessLogFormats' | 'signal'>,
): Promise<SavedTrace> {
  const evidenceFiles = await filesOfEvidence(path);
  if (evidenceFiles !== null) return savedEvidence(path, await Promise.all(evidenceFiles.map(readEvidence)));
  const bundle = await SavedBundle.open(path);
  const cluster = new BundleCluster(bundle);
  return {
    certificates: bundle.objects
      .filter(({ apiVersion, kind }) => kind === 'Certificate' && apiVersion.startsWith('cert-manager.io/'))
      .map(({ metadata: { namespace = '', name } }) => ({ namespace, name })),
    read: (certificate) =>
      gather({ ...certificate, cluster, outside: null, nameServers: [], caRoots, accessLogFormats, signal }),
  };
}

/** The files of evidence that a path stands for: itself, or those of a report; null if it is something else. */
async function filesOfEvidence(path: string): Promise<readonly string[] | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return [path];
  const folder = join(path, 'evidence');
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).toSorted();
  return files.length === 0 ? null : files.map((name) => join(folder, name));
}

function savedEvidence(path: string, evidence: readonly Evidence[]): SavedTrace {
  const certificates = evidence.map(({ subject }) => subject.certificate);
  return {
    certificates,
    async read({ namespace, name }) {
      const found = evidence.find(
        ({ subject: { certificate } }) => certificate.namespace === namespace && certificate.name === name,
      );
      if (found !== undefined) return found;
      const known = certificates.map((each) => `${each.namespace}/${each.name}`).join(', ');
      throw new UserError(`The evidence ${path} is not about Certificate ${namespace}/${name}, but about ${known}.`);
    },
  };
}
