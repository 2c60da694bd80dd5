import { access, cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import type { ChosenPart } from './platform-versions.ts';

/**
 * The chart of another version, as a whole one. Modules before v1.21 call its Chart.yaml a template, and those before v1.19 have no
 * definitions in it, which only their release puts there.
 *
 * @param folder where the copy goes
 * @returns the chart's folder
 * @throws UserError (2) for a version whose module has no whole chart
 */
export async function wholeChart({ module, tag }: ChosenPart, folder: string): Promise<string> {
  const chart = join(folder, 'cert-manager');
  await cp(join(module.folder, 'deploy', 'charts', 'cert-manager'), chart, { recursive: true });
  const definition = join(chart, 'templates', 'crd-cert-manager.io_certificates.yaml');
  const [hasTemplate, isWhole] = await Promise.all([exists(join(chart, 'Chart.template.yaml')), exists(definition)]);
  if (!isWhole) {
    throw new UserError(
      `--cert-manager ${tag}: Padlock installs cert-manager from v1.19.0 on, as the Go modules of older versions have no definitions in their chart; install it yourself and use --environment existing.`,
    );
  }
  if (hasTemplate) await rename(join(chart, 'Chart.template.yaml'), join(chart, 'Chart.yaml'));
  return chart;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
