import { UserError } from '../user-error.ts';

const longest = 40;

/** The name of an environment is part of host, interface and container names. @throws UserError (2) */
export function checkEnvironmentName(name: string, maximum = longest): void {
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= maximum) return;
  throw new UserError(
    `'${name}' is not a valid environment name. Use 1 to ${maximum} lower-case letters, digits and inner hyphens.`,
  );
}
