import { registeredProviders } from '../../environment/registry/providers.ts';

/** `padlock doctor`: exit code 3 if a requirement is not met, unless it is optional; else 0. */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const asked = registeredProviders().map(async ({ load }) => (await (await load()).requirements?.()) ?? []);
  const requirements = (await Promise.all(asked)).flat();
  if (json) process.stdout.write(`${JSON.stringify(requirements, null, 2)}\n`);
  else
    for (const { id, optional, met, message } of requirements)
      process.stdout.write(`${met ? 'ok      ' : optional ? 'optional' : 'missing '} ${id}: ${message}\n`);
  return requirements.every(({ optional, met }) => optional || met) ? 0 : 3;
}
