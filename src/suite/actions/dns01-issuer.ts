import type { ScenarioContext } from '../context/context.ts';

/** Applies an Issuer that solves DNS-01 by updates (RFC 2136) of the environment's name server. */
export async function applyDns01Issuer(context: ScenarioContext, file: string): Promise<void> {
  const updates = await context.parts.environment.dnsUpdates?.();
  if (updates === undefined) throw new Error('this environment takes no DNS updates');
  const { nameServer, keyName, algorithm, secret } = updates;
  await context.applyIssuer(file, {
    nameServer,
    tsigKeyName: keyName,
    tsigAlgorithm: algorithm,
    tsigSecret: secret,
  });
}
