import { access, cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { type ChosenPart, chartTooOld } from './platform-versions.ts';

/**
 * The complete chart of another version. Modules before v1.21 have Chart.yaml as a template. In those before v1.19 the chart has no
 * CustomResourceDefinitions; only the release process adds them.
 *
 * @param folder for the copy
 * @returns the chart's folder
 * @throws UserError (2) for a version whose module has no complete chart
 */
export async function wholeChart({ module, tag }: ChosenPart, folder: string): Promise<string> {
  const chart = join(folder, 'cert-manager');
  await cp(join(module.folder, 'deploy', 'charts', 'cert-manager'), chart, { recursive: true });
  const definition = join(chart, 'templates', 'crd-cert-manager.io_certificates.yaml');
  const [hasTemplate, isWhole] = await Promise.all([exists(join(chart, 'Chart.template.yaml')), exists(definition)]);
  if (!isWhole) {
    throw new UserError(chartTooOld(tag));
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
