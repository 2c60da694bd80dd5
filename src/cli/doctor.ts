import { checkRequirements } from '../environment/cell/requirements.ts';

/** `padlock doctor`: exit code 0 where a cell can run, 3 where something is missing. */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const requirements = await checkRequirements();
  if (json) process.stdout.write(`${JSON.stringify(requirements, null, 2)}\n`);
  else
    for (const { id, met, message } of requirements)
      process.stdout.write(`${met ? 'ok     ' : 'missing'} ${id}: ${message}\n`);
  return requirements.every(({ met }) => met) ? 0 : 3;
}
