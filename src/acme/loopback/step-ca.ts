import { join } from 'node:path';
import { z } from 'zod';
import { databaseFolder, provisioner, setUpStepCa, stepCa } from '../../ca-servers/step-ca/step-ca.ts';
import { runToEnd } from '../../run-to-end.ts';
import type { ExternalAccount } from '../client/signing-key.ts';
import { type AcmeServer, startOnLoopback, type ValidationTargets } from './acme-server.ts';

export interface StepCaOptions extends ValidationTargets {
  /** The built step-ca. */
  readonly program: string;
  /** When given, accounts need a binding: so many keys are made before the start. step-ca binds each key to one account. */
  readonly externalAccounts?: { readonly addKeyProgram: string; readonly count: number };
}

export interface StepCa extends AcmeServer {
  /** Made by step-ca's own store. Each is good for one account. */
  readonly externalAccounts: readonly ExternalAccount[];
}

const eabKeys = z.array(z.object({ kid: z.string(), hmacKey: z.string() }));

/** Starts step-ca with a new root and intermediate and one ACME provisioner, from a configuration file alone. */
export async function startStepCa({ program, externalAccounts, ...targets }: StepCaOptions): Promise<StepCa> {
  let keys: readonly ExternalAccount[] = [];
  const server = await startOnLoopback({
    ...targets,
    server: stepCa,
    program,
    setUp: (place) => setUpStepCa(place, { externalAccounts: externalAccounts !== undefined }),
    async prepare(folder) {
      if (externalAccounts === undefined) return;
      const { addKeyProgram, count } = externalAccounts;
      const output = await runToEnd(addKeyProgram, [join(folder, databaseFolder), provisioner, String(count)]);
      keys = eabKeys
        .parse(JSON.parse(output))
        .map(({ kid, hmacKey }) => ({ kid, macKey: Buffer.from(hmacKey, 'base64url') }));
    },
  });
  return { ...server, externalAccounts: keys };
}
