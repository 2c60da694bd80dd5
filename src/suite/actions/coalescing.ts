import { probeNames } from '../../evidence/probe-names.ts';
import type { ScenarioContext } from '../context/context.ts';
import { probeAnotherHostUntil } from '../context/probes.ts';

/**
 * Asks for another site of the same certificate, which has a Gateway of its own: on a connection of its own until it answers, and
 * then once on a connection that was made for the scenario's host.
 */
export async function probeBesideTwoGateways(context: ScenarioContext, host: string): Promise<void> {
  await probeAnotherHostUntil(context, { name: probeNames.otherSite, host, status: 200 });
  await probeAnotherHostUntil(context, { name: probeNames.coalescedTwoGateways, host, coalesced: true });
}

/** Asks for the other site on a connection that was made for the scenario's host until it answers, where one Gateway serves both. */
export async function probeBehindOneGateway(context: ScenarioContext, host: string): Promise<void> {
  await probeAnotherHostUntil(context, {
    name: probeNames.coalescedOneGateway,
    host,
    coalesced: true,
    status: 200,
  });
}
