import type { Slot } from '../../src/components/index.ts';

/** A program, and what `go version -m` says of it. */
export interface ProgramModules {
  readonly name: string;
  readonly buildInformation: string;
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string;
}

interface Library {
  readonly type: 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

interface Application {
  readonly type: 'application';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly components?: readonly {
    readonly type: 'file';
    readonly 'bom-ref': string;
    readonly name: string;
    readonly hashes: readonly { readonly alg: 'SHA-256'; readonly content: string }[];
  }[];
}

/** The parts of CycloneDX 1.6 that Padlock writes (ECMA-424; cyclonedx.org/docs/1.6/json). */
export interface CycloneDx {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: {
    readonly component: { readonly type: 'application'; readonly name: string; readonly version: string };
  };
  readonly components: readonly (Application | Library)[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The modules that are linked into a program. A replaced module is listed as what replaces it, unless that is a folder. */
export function linkedModules(
  buildInformation: string,
): readonly { readonly path: string; readonly version: string }[] {
  const modules: { path: string; version: string }[] = [];
  for (const line of buildInformation.split('\n')) {
    const [kind, path = '', version = ''] = line.trim().split('\t');
    if (kind === 'dep') modules.push({ path, version });
    // A version is missing if a folder replaces the module; its content is the released one with changes.
    else if (kind === '=>' && version.startsWith('v')) modules.splice(-1, 1, { path, version });
  }
  return modules;
}

/**
 * The SBOM of an archive's components. No time and no serial number: equal components give an equal document.
 *
 * @param padlock its name and version
 */
export function cycloneDxOf(
  padlock: { readonly name: string; readonly version: string },
  parts: readonly { readonly slot: Pick<Slot, 'component'>; readonly programs: readonly ProgramModules[] }[],
): CycloneDx {
  const applications: Application[] = [];
  const libraries = new Map<string, Library>();
  const dependencies: { ref: string; dependsOn: readonly string[] }[] = [];
  for (const { slot, programs } of parts) {
    const { id, version, source, notUpstream } = slot.component;
    const ref = `component:${id}`;
    applications.push({
      type: 'application',
      'bom-ref': ref,
      name: id,
      version,
      description: notUpstream === undefined ? `Built from ${source}.` : `Built from ${source}. ${notUpstream}`,
      ...(programs.length === 0
        ? {}
        : {
            components: programs.map(({ name, digest }) => ({
              type: 'file',
              'bom-ref': `file:${id}/${name}`,
              name,
              hashes: [{ alg: 'SHA-256', content: digest }],
            })),
          }),
    });
    const linked = new Set<string>();
    for (const { buildInformation } of programs) {
      for (const module of linkedModules(buildInformation)) {
        // The type golang of the package URL specification.
        const purl = `pkg:golang/${module.path}@${encodeURIComponent(module.version)}`;
        libraries.set(purl, { type: 'library', 'bom-ref': purl, name: module.path, version: module.version, purl });
        linked.add(purl);
      }
    }
    dependencies.push({ ref, dependsOn: [...linked].sort() });
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: padlock.name, version: padlock.version } },
    components: [...applications, ...[...libraries.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1))],
    dependencies,
  };
}
