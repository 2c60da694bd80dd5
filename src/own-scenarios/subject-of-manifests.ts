import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Subject } from '../evidence/evidence.ts';
import { groupOf, type KubeObject } from '../kube/kube-object.ts';
import { parseManifest, placeInManifest } from '../kube/manifests.ts';
import type { ScenarioNames } from '../suite/context/scenario-names.ts';
import { UserError } from '../user-error.ts';
import type { GivenSubject } from './given-subject.ts';
import { namePlaceholders } from './name-placeholders.ts';
import { isScenarioFile } from './scenario-files.ts';

/** Where a scenario's manifests are. */
export interface ManifestFiles {
  readonly folder: string;
  /** The paths of those that it applies, in order; null where that is not known before it runs. */
  readonly files: readonly string[] | null;
}

/** The name of what has none in the manifests. */
const unnamed = 'padlock';

type Solver = Subject['solver'];

const certificateSchema = z.object({ spec: z.object({ secretName: z.string() }) });
const issuerSchema = z.object({
  spec: z.object({ acme: z.object({ solvers: z.array(z.record(z.string(), z.unknown())).min(1) }) }),
});

/**
 * What a user's scenario is about, by its manifests: its Issuer, its Certificate with the Secret, how the Issuer solves, and the
 * gateway. A part that is given wins. A folder without an Issuer or without a Certificate gets those of `fixtures/shared`.
 *
 * @throws UserError (2) with the places of the objects where there are several candidates
 */
export function subjectOfManifests(
  manifests: ManifestFiles,
  names: ScenarioNames,
  given: GivenSubject = {},
): Omit<Subject, 'expects'> {
  const objects = objectsIn(manifests, names, given);
  const ownNamespace = ({ metadata }: KubeObject) => metadata.namespace ?? names.namespace;
  const one = (kind: 'Issuer' | 'Certificate') => {
    const found = objects.filter((object) => object.kind === kind && groupOf(object.apiVersion) === 'cert-manager.io');
    // The same object may be in several files, which a scenario applies one after the other.
    const different = [
      ...new Map(found.map((object) => [`${ownNamespace(object)}/${object.metadata.name}`, object])).values(),
    ];
    if (different.length > 1) {
      const places = different.map((object) => placeInManifest(object)).join(' and ');
      throw new UserError(
        `There are ${different.length} objects of kind ${kind}, at ${places}: name the one under test in subject.${kind.toLowerCase()}.`,
      );
    }
    return different[0];
  };
  const referenceTo = (object: KubeObject | undefined, otherwise: string) => ({
    namespace: object === undefined ? names.namespace : ownNamespace(object),
    name: object?.metadata.name ?? otherwise,
  });
  const issuer = given.issuer === undefined ? one('Issuer') : undefined;
  const certificateObject = given.certificate === undefined ? one('Certificate') : undefined;
  const certificate = given.certificate ?? referenceTo(certificateObject, unnamed);
  const secretName = certificateSchema.safeParse(certificateObject).data?.spec.secretName;
  return {
    host: given.host ?? names.host,
    issuer: given.issuer ?? referenceTo(issuer, unnamed),
    certificate,
    secret: given.secret ?? { namespace: certificate.namespace, name: secretName || certificate.name },
    solver: given.solver ?? solverOf(issuer) ?? 'ingress',
    gateway: given.gateway ?? gatewayAmong(objects, ownNamespace) ?? serviceOf(names),
    application: given.application ?? { service: `httpbin.${names.namespace}.svc.cluster.local`, port: 8000 },
  };
}

/**
 * The objects of manifests, as they are before the environment is known.
 *
 * @param files those of the folder that are applied; null where that is not known. Then whatever else is in the folder is left out.
 */
function objectsIn({ folder, files }: ManifestFiles, names: ScenarioNames, given: GivenSubject): readonly KubeObject[] {
  const read = (file: string) => {
    const text = readFileSync(file, 'utf8');
    return parseManifest(text, file, valuesFor(text, names, given));
  };
  if (files !== null) return files.flatMap((file) => read(file));
  const candidates = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name) && !isScenarioFile(entry.name))
    .map(({ name }) => join(folder, name))
    .toSorted();
  return candidates.flatMap((file) => {
    try {
      return looksLikeManifest(readFileSync(file, 'utf8')) ? read(file) : [];
    } catch (error) {
      // A lock file of npm, a chart's template: what is wrong with one that is applied shows then.
      if (error instanceof UserError) return [];
      throw error;
    }
  });
}

/** Whether a text may hold Kubernetes objects, and is no template of them. */
function looksLikeManifest(text: string): boolean {
  return /\bapiVersion\b/.test(text) && !text.includes('{{');
}

/** Values for every placeholder of a text: those that are known by the names, and an invention for each other one. */
function valuesFor(text: string, names: ScenarioNames, given: GivenSubject): Readonly<Record<string, string>> {
  const placeholders = [...text.matchAll(/\$\{([^}\n]*)\}/g)].map(([, name = '']) => name);
  const { issuer, certificate, secret } = given;
  return {
    ...Object.fromEntries(placeholders.map((name) => [name, 'unknown'])),
    issuerNamespace: issuer?.namespace ?? names.namespace,
    issuerName: issuer?.name ?? unnamed,
    certificateNamespace: certificate?.namespace ?? names.namespace,
    certificateName: certificate?.name ?? unnamed,
    secretName: secret?.name ?? certificate?.name ?? unnamed,
    applicationNamespace: names.applicationNamespace,
    gatewaySelector: JSON.stringify(names.gateway.selector),
    ingressClass: names.gateway.ingressClass ?? '',
    ...namePlaceholders(names),
  };
}

function solverOf(issuer: KubeObject | undefined): Solver | undefined {
  const [first] = issuerSchema.safeParse(issuer).data?.spec.acme.solvers ?? [];
  if (first === undefined) return undefined;
  if ('dns01' in first) return 'dns01';
  const { http01 } = first;
  return typeof http01 === 'object' && http01 !== null && 'gatewayHTTPRoute' in http01
    ? 'gateway-httproute'
    : 'ingress';
}

/** istiod names what it deploys for a Gateway of the Gateway API `<gateway>-<class>`. */
function gatewayAmong(
  objects: readonly KubeObject[],
  namespaceOf: (object: KubeObject) => string,
): Subject['gateway'] | undefined {
  const gateway = objects.find(
    ({ apiVersion, kind }) => kind === 'Gateway' && groupOf(apiVersion) === 'gateway.networking.k8s.io',
  );
  if (gateway === undefined) return undefined;
  const { data } = z.object({ spec: z.object({ gatewayClassName: z.string() }) }).safeParse(gateway);
  return {
    namespace: namespaceOf(gateway),
    name: `${gateway.metadata.name}-${data?.spec.gatewayClassName ?? 'istio'}`,
  };
}

function serviceOf({ gateway }: ScenarioNames): Subject['gateway'] {
  return { namespace: gateway.namespace, name: gateway.service };
}
