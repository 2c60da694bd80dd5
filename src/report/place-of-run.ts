import type { Report } from './report.ts';

/** Where a run took place, in one line: environment, Kubernetes and CA, with their versions. */
export function placeOfRun({ environment, ca }: Report): string {
  return [
    `${environment.kind} ${environment.name}`,
    ...(environment.kubernetesVersion === null ? [] : [`Kubernetes ${environment.kubernetesVersion}`]),
    ...(ca === null ? [] : [`CA ${`${ca.software} ${ca.version}`.trim()}`]),
  ].join(', ');
}
