import { z } from 'zod';
import { actionNames } from '../../evidence/action-names.ts';
import { deploymentAvailable } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';

const controller = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'cert-manager', name: 'cert-manager' };
const templateSchema = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({ containers: z.array(z.looseObject({ args: z.array(z.string()) })) }),
  }),
});

/**
 * Runs cert-manager's controller with further arguments while something is done, and as before afterwards.
 *
 * @throws TimeoutError if it does not become Available again
 */
export async function withCertManagerArguments(
  context: ScenarioContext,
  further: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const deployment = await context.kube.get(controller, context.parts.signal);
  const { containers } = templateSchema.parse(deployment?.spec).template.spec;
  const withFurther = containers.map((container, index) =>
    index === 0 ? { ...container, args: [...container.args, ...further] } : container,
  );
  context.note(actionNames.certManagerArguments, further.join(' '));
  await context.kube.patch(controller, { spec: { template: { spec: { containers: withFurther } } } });
  try {
    await untilAvailable(context);
    await work();
  } finally {
    context.note(actionNames.certManagerArguments, 'as before');
    await context.kube.patch(controller, { spec: { template: { spec: { containers } } } });
    await untilAvailable(context);
  }
}

async function untilAvailable(context: ScenarioContext): Promise<void> {
  const { apiVersion, kind, namespace, name } = controller;
  await context.wait(
    { apiVersion, kind, namespace },
    deploymentAvailable(name),
    `Deployment ${namespace}/${name} to be Available`,
    within.available,
  );
}
