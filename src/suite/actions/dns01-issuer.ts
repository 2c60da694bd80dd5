import type { ScenarioContext } from '../context/context.ts';

/** Applies an Issuer that solves DNS-01 by updates (RFC 2136) of the environment's name server. */
export async function applyDns01Issuer(
  context: ScenarioContext,
  file: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  await context.applyIssuer(file, { ...(await dnsUpdatePlaceholders(context)), ...variables });
}

/** The placeholders by which a manifest names the environment's name server and its key. @throws Error where there is none */
export async function dnsUpdatePlaceholders(context: ScenarioContext): Promise<Readonly<Record<string, string>>> {
  const updates = await context.parts.environment.dnsUpdates?.();
  if (updates === undefined) throw new Error('this environment takes no DNS updates');
  const { nameServer, keyName, algorithm, secret } = updates;
  return { nameServer, tsigKeyName: keyName, tsigAlgorithm: algorithm, tsigSecret: secret };
}
