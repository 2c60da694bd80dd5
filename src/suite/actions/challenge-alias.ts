import { actionNames } from '../../evidence/action-names.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';

/**
 * Leads the name of the host's TXT record to another name by a CNAME, as for a zone that takes no updates. It goes with the
 * scenario.
 *
 * @throws Error where the environment cannot
 */
export async function delegateChallenge(context: ScenarioContext): Promise<void> {
  const { environment, names, outside } = context.parts;
  const setAlias = environment.setAlias?.bind(environment);
  if (setAlias === undefined) throw new Error('this environment can make no CNAME');
  const alias = `_acme-challenge.${names.host}`;
  const target = `${names.namespace}.delegated.${environment.domain}`;
  await setAlias(alias, target);
  context.started.defer(() => setAlias(alias, null));
  context.note(actionNames.alias, `${alias} CNAME ${target}`);
  const probe = await outside.dns({
    name: probeNames.challengeAlias,
    servers: [...environment.nameServers],
    host: alias,
    type: 'CNAME',
    withinMs: within.request,
  });
  context.keep(probe);
}
