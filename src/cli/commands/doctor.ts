import { checkRequirements } from '../../environment/cell/requirements.ts';

/** `padlock doctor`: exit code 0 where a cell can run, 3 where something is missing that is not optional. */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const requirements = await checkRequirements();
  if (json) process.stdout.write(`${JSON.stringify(requirements, null, 2)}\n`);
  else
    for (const { id, optional, met, message } of requirements)
      process.stdout.write(`${met ? 'ok      ' : optional ? 'optional' : 'missing '} ${id}: ${message}\n`);
  return requirements.every(({ optional, met }) => optional || met) ? 0 : 3;
}
