import { text } from 'node:stream/consumers';
import type { RunningEnvironment } from '../../environment/environment.ts';
import { programFile } from '../../program-file.ts';
import { UserError } from '../../user-error.ts';
import { type AcmeAnswer, type AcmeRequest, acmeAnswerSchema } from './acme-protocol.ts';

const agent = programFile(import.meta.dirname, 'acme-agent');
const withinMs = 45_000;

/**
 * Asks the CA by an ACME client outside the cluster.
 *
 * @throws UserError (3) if the CA could not be reached
 */
export async function askCa(
  environment: Pick<RunningEnvironment, 'spawnOutside'>,
  request: AcmeRequest,
): Promise<AcmeAnswer> {
  const client = environment.spawnOutside([process.execPath, agent]);
  const { stdin, stdout } = client;
  if (!stdin || !stdout) throw new Error('the ACME client has no pipes');
  const timer = setTimeout(() => client.kill('SIGKILL'), withinMs);
  try {
    // A client that ended early is recognized by its answer, or by the lack of one.
    stdin.on('error', () => {});
    stdin.end(JSON.stringify(request));
    const said = await text(stdout);
    if (said === '') throw refusal(request, `the ACME client ended without an answer within ${withinMs / 1000} s`);
    const answer = acmeAnswerSchema.parse(JSON.parse(said));
    if ('refused' in answer) throw refusal(request, answer.refused);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function refusal({ directoryUrl }: AcmeRequest, reason: string): UserError {
  return new UserError(`The CA at ${directoryUrl} cannot be reached from the outside of the environment: ${reason}`, {
    exitCode: 3,
  });
}
