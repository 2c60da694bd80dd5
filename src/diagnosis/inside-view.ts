import type { InsideView } from './surroundings.ts';

/** What a Pod inside the cluster saw, in words. */
export function insideWords({ addresses, answer }: InsideView): string {
  const name = 'error' in addresses ? addresses.error : `address ${addresses.join(', ')}`;
  if (answer === null) return name;
  return `${name}; ${'error' in answer ? answer.error : `status ${answer.status}`}`;
}
