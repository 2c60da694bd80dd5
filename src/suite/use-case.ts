import type { Stage } from './stage.ts';

/** The state before the use case: the application already serves on port 80, for any host. */
export async function serveApplication(stage: Stage): Promise<void> {
  await stage.deployHttpbin();
  await stage.apply('application.yaml');
  await stage.pointHostAtGateway();
  await stage.probeUntilApplicationAnswers();
  await stage.probeChallengePath();
}

/** The last step of the use case: a second Gateway on 443 that names the Secret, and the VirtualService on both. */
export async function serveOverTls(stage: Stage): Promise<void> {
  await stage.apply('gateway.yaml');
  await stage.apply('virtual-service.yaml');
}
