import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { buildComponents, catalogue, ensureGo, type Slot, slotsOf } from '../../src/components/index.ts';
import { type CycloneDx, cycloneDxOf, type ProgramModules } from './cyclonedx.ts';

// Prints a CycloneDX SBOM of what `padlock build --export` writes: the components and, from the build information in each program, the Go modules
// that are linked into it. Builds nothing that the cache has.
const signal = new AbortController().signal;
const components = await buildComponents({ signal, onProgress: () => {} });
const go = join(
  await ensureGo({
    cache: components.cache,
    signal,
    onInstalling: (what) => process.stderr.write(`Installing ${what}\n`),
  }),
  'bin',
  'go',
);
const parts = (await slotsOf({}, components.cache)).map((slot) => ({ slot, programs: programsOf(slot) }));
const sbom: CycloneDx = cycloneDxOf(packageJson, parts);
process.stdout.write(`${JSON.stringify(sbom, null, 2)}\n`);

function programsOf({ component, folder }: Slot): readonly ProgramModules[] {
  const names = catalogue
    .filter(({ id }) => id === component.id)
    .flatMap(({ recipes }) =>
      recipes.flatMap((recipe) => (recipe.kind === 'go' ? Object.values(recipe.programs) : [])),
    );
  return names.map((name) => {
    const file = join(folder, name);
    statSync(file);
    // One line per module: `dep`, path, version, hash; `=>` lines name what replaces the line above.
    const said = execFileSync(go, ['version', '-m', file], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    return { name, buildInformation: said, digest: components.digest(name) };
  });
}
