import { registeredProviders } from '../../environment/registry/providers.ts';

/** `padlock status` */
export async function status({ json }: { json: boolean }): Promise<number> {
  const listed = await Promise.all(
    registeredProviders().map(async ({ kind, load }) => {
      const statuses = await (await load()).list();
      return statuses.map((one) => ({ kind, ...one }));
    }),
  );
  const all = listed.flat();
  if (json) {
    const rows = all.map(({ name, kind, phase, since, where, kubeconfig, failure, stateHome = null }) => ({
      ...{ name, environment: kind, phase, since, where, kubeconfig, failure, stateHome },
    }));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  if (all.length === 0) process.stderr.write("Nothing is up. 'padlock up' starts an environment.\n");
  for (const { kind, name, phase, where, since, kubeconfig, failure, advice } of all) {
    process.stdout.write(`${[name, kind, phase, where ?? '-', since ?? '-', kubeconfig ?? '-'].join('\t')}\n`);
    for (const remark of [failure, advice]) if (remark !== null) process.stdout.write(`  ${remark}\n`);
  }
  return 0;
}
