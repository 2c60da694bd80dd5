import { readFile } from 'node:fs/promises';
import { didYouMean } from '../closest-name.ts';
import type { RunningEnvironment } from '../environment/environment.ts';
import { type Fault, type FaultNeed, faultNeeds, type StandaloneFault } from '../faults/fault.ts';
import { manifestsOf } from '../faults/stage-fault.ts';
import { UserError } from '../user-error.ts';

/**
 * The fault with this id, which can be staged on its own.
 *
 * @throws UserError (2) for an unknown one, and for one that needs a scenario
 */
export function reproducibleFault(id: string, faults: readonly Fault[]): StandaloneFault {
  const found = faults.find((fault) => fault.id === id);
  if (found === undefined) {
    const known = faults.map((fault) => fault.id);
    throw new UserError(`Unknown fault '${id}'${didYouMean(id, known)}. 'padlock repro --list' lists all.`);
  }
  if (isStandalone(found)) return found;
  throw new UserError(
    `The fault ${id} happens within a scenario and cannot be staged on its own: 'padlock run http01-ingress --fault ${id} --keep' makes it.`,
  );
}

function isStandalone(fault: Fault): fault is StandaloneFault {
  return fault.onItsOwn !== undefined;
}

/** Whether a fault is one of external account binding, for which there must be a CA that demands it. */
export function needsExternalAccount({ onItsOwn: { needs = [] } }: StandaloneFault): boolean {
  return needs.includes('external-account');
}

/** @throws UserError (2) naming what the environment lacks for a fault */
export async function refuseWhatIsMissing(
  fault: StandaloneFault,
  environment: Pick<RunningEnvironment, 'ca' | 'domain' | 'limits' | 'gateway' | 'kind'> & {
    readonly dnsUpdates?: RunningEnvironment['dnsUpdates'] | undefined;
    readonly externalAccountCa?: RunningEnvironment['externalAccountCa'] | undefined;
  },
): Promise<void> {
  const { ca, domain, limits, dnsUpdates, externalAccountCa, gateway } = environment;
  const has: Readonly<Record<FaultNeed, boolean>> = {
    'external-account': externalAccountCa !== undefined,
    dns01: dnsUpdates !== undefined,
    'any-address': limits?.anyAddress ?? true,
    'gateway-api': limits?.gatewayApi ?? true,
    'domain-of-two-labels': domain.split('.').length === 2,
    'cluster-changes': limits?.clusterChanges ?? true,
  };
  // What serves the certificate of most faults is a Gateway of the Gateway API beside the ingress gateway.
  const ofServing: readonly FaultNeed[] = fault.onItsOwn.servesItself ? [] : ['gateway-api', 'cluster-changes'];
  const missing = [...new Set([...(fault.onItsOwn.needs ?? []), ...ofServing])].filter((need) => !has[need]);
  const reasons: string[] = missing.map((need) => faultNeeds[need]);
  if (gateway.ingressClass === null && (await mentions(fault, 'ingressClass'))) {
    reasons.push("an IngressClass of Istio's controller");
  }
  // The Issuers of all other faults have no external account.
  if (ca.externalAccount !== undefined && !needsExternalAccount(fault)) {
    reasons.push('a CA that gives accounts without external account binding');
  }
  if (reasons.length === 0) return;
  const allow = missing.includes('cluster-changes') ? ' --allow-cluster-changes allows such changes.' : '';
  throw new UserError(
    `The fault ${fault.id} cannot be staged on this ${environment.kind} environment, which lacks ${reasons.join('; ')}.${allow}`,
  );
}

async function mentions(fault: StandaloneFault, placeholder: string): Promise<boolean> {
  const texts = await Promise.all(manifestsOf(fault).map((file) => readFile(file, 'utf8')));
  return texts.some((text) => text.includes(`\${${placeholder}}`));
}
