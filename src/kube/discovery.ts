import type { Connection } from './connection.ts';
import { KubeError } from './kube-error.ts';
import type { KubeObject } from './kube-object.ts';

/** A kind of object as one API server serves it. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** The name in paths, e.g. `certificates`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Names a kind of object, by its kind or its plural. */
export type ResourceName =
  | { readonly apiVersion: string; readonly kind: string; readonly plural?: string }
  | { readonly apiVersion: string; readonly plural: string; readonly kind?: string };

export function describeResource({ apiVersion, kind, plural }: ResourceName): string {
  return `${kind ?? plural} (${apiVersion})`;
}

/**
 * What kinds an API server has: one request for each apiVersion, remembered. What is not found is asked for again, as
 * a CustomResourceDefinition may have come in between.
 */
export class Discovery {
  readonly #connection: Connection;
  readonly #known = new Map<string, Resource[]>();
  readonly #underway = new Map<string, Promise<Resource[]>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The resource of that name, or undefined if the API server has none. @throws KubeError */
  async find(name: ResourceName): Promise<Resource | undefined> {
    const known = this.#known.get(name.apiVersion)?.find((resource) => matches(resource, name));
    if (known !== undefined) return known;
    const resources = await this.#ask(name.apiVersion);
    return resources.find((resource) => matches(resource, name));
  }

  /** Adds the resources of an established CustomResourceDefinition, because the API server's own list is updated later. */
  learn(definition: KubeObject): void {
    const { group, names, scope, versions } = definition.spec as {
      group: string;
      names: { kind: string; plural: string };
      scope: string;
      versions: { name: string; served: boolean }[];
    };
    for (const version of versions) {
      if (!version.served) continue;
      const apiVersion = `${group}/${version.name}`;
      const resource = { apiVersion, kind: names.kind, plural: names.plural, namespaced: scope === 'Namespaced' };
      const others = (this.#known.get(apiVersion) ?? []).filter((known) => known.plural !== resource.plural);
      this.#known.set(apiVersion, [...others, resource]);
    }
  }

  /** Forgets the kinds of an apiVersion, as one of them turned out to be gone. */
  forget(apiVersion: string): void {
    this.#known.delete(apiVersion);
  }

  #ask(apiVersion: string): Promise<Resource[]> {
    const underway = this.#underway.get(apiVersion);
    if (underway !== undefined) return underway;
    const asked = this.#fetch(apiVersion).finally(() => this.#underway.delete(apiVersion));
    this.#underway.set(apiVersion, asked);
    return asked;
  }

  async #fetch(apiVersion: string): Promise<Resource[]> {
    try {
      const answer = await this.#connection.json({ what: `list the kinds of ${apiVersion}`, path: rootOf(apiVersion) });
      const { resources } = answer as { resources: { name: string; kind: string; namespaced: boolean }[] };
      const found = resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced }) => ({ apiVersion, kind, plural: name, namespaced }));
      const learned = (this.#known.get(apiVersion) ?? []).filter((known) =>
        found.every((resource) => resource.plural !== known.plural),
      );
      this.#known.set(apiVersion, [...found, ...learned]);
      return [...found, ...learned];
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return [];
      throw error;
    }
  }
}

/** The path of a resource's collection, of one object in it, or of an object's subresource. */
export function pathOf(resource: Resource, namespace: string | undefined, name?: string, subresource?: string): string {
  const parts = [rootOf(resource.apiVersion)];
  if (resource.namespaced && namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}

function rootOf(apiVersion: string): string {
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`;
}

function matches(resource: Resource, name: ResourceName): boolean {
  return (
    (name.kind === undefined || name.kind === resource.kind) &&
    (name.plural === undefined || name.plural === resource.plural)
  );
}
