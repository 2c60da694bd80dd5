import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentAvailable } from '../../kube/until.ts';
import { fixturesFolder, type ScenarioContext } from '../context/context.ts';
import { probeChallengePath, probeUntilApplicationAnswers } from '../context/probes.ts';
import { within } from '../context/time-limits.ts';
import { pointHostAtGateway } from './host-addresses.ts';

/**
 * The state before the issuance: the application is deployed, `application.yaml` of the scenario routes port 80, the host
 * points at the gateway, and port 80 answers.
 *
 * @throws TimeoutError
 */
export async function serveApplication(context: ScenarioContext): Promise<void> {
  await deployApplication(context);
  await context.apply('application.yaml');
  await pointHostAtGateway(context);
  await probeUntilApplicationAnswers(context);
  await probeChallengePath(context);
}

/** Deploys the application, as `httpbin.yaml` of the scenario or of `fixtures/platform` has it, and waits until it is Available. */
export async function deployApplication(context: ScenarioContext): Promise<void> {
  const namespace = context.applicationNamespace;
  const own = join(context.parts.scenario.manifests, 'httpbin.yaml');
  await context.applyFile(existsSync(own) ? own : join(fixturesFolder, 'platform', 'httpbin.yaml'), { namespace });
  await context.wait(
    { apiVersion: 'apps/v1', kind: 'Deployment', namespace },
    deploymentAvailable('httpbin'),
    `Deployment ${namespace}/httpbin to be Available`,
    within.available,
  );
}
