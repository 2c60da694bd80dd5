import { z } from 'zod';
import { platformDeployments, restart } from '../../../src/suite/actions/components-of-cluster.ts';
import { failure } from '../failure.ts';

const flag = '--acme-http01-solver-image=';
const templateSchema = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({ containers: z.array(z.looseObject({ args: z.array(z.string()) })) }),
  }),
});

export default failure({
  id: 'solver-image-missing',
  link: 'cluster',
  title: 'The image of the solver cannot be pulled',
  changesClusterWide: "changes the solver's image in cert-manager's arguments for a while",
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  // cert-manager does not change a solver Pod that exists.
  recovery: 'by-a-person',
  cure: {
    words: 'deletes the Pod of the solver, and cert-manager makes another one',
    async act({ kube, subject }) {
      const { namespace } = subject.certificate;
      const pods = { apiVersion: 'v1', kind: 'Pod', namespace } as const;
      for (const { metadata } of await kube.list({ ...pods, labelSelector: 'acme.cert-manager.io/http01-solver=true' }))
        await kube.remove({ ...pods, name: metadata.name });
    },
  },
  how: {
    async begin(context) {
      const { certManager } = platformDeployments(context);
      const { namespace, name } = certManager;
      const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
      const { containers } = templateSchema.parse((await context.kube.get(ref))?.spec).template.spec;
      const wrong = containers.map((container) => ({
        ...container,
        args: [...container.args.filter((one) => !one.startsWith(flag)), `${flag}registry.invalid/no-solver:v0`],
      }));
      const run = async (these: typeof containers) => {
        await context.kube.patch(ref, { spec: { template: { spec: { containers: these } } } });
        await restart(context, certManager);
      };
      await run(wrong);
      return () => run(containers);
    },
  },
});
