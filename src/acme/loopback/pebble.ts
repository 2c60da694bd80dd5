import { type PebbleVariant, pebble, setUpPebble } from '../../ca-servers/pebble/pebble.ts';
import type { ExternalAccount } from '../client/signing-key.ts';
import { type AcmeServer, startOnLoopback, type ValidationTargets } from './acme-server.ts';

export interface PebbleOptions extends ValidationTargets, Omit<PebbleVariant, 'externalAccounts'> {
  /** The built Pebble. */
  readonly program: string;
  /** When given, accounts need this binding. */
  readonly externalAccount?: ExternalAccount | undefined;
}

/** Starts Pebble with one profile of certificates and, unless the options say otherwise, one root, no random refusals and no sleeps. */
export async function startPebble({ program, externalAccount, ...options }: PebbleOptions): Promise<AcmeServer> {
  return await startOnLoopback({
    ...options,
    server: pebble,
    program,
    setUp: (place) =>
      setUpPebble(place, {
        alternateRoots: 0,
        ...options,
        ...(externalAccount === undefined
          ? {}
          : {
              externalAccounts: {
                [externalAccount.kid]: Buffer.from(externalAccount.macKey).toString('base64url'),
              },
            }),
      }),
  });
}
