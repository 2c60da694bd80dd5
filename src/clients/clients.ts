import type { AcmeClient } from './acme-client.ts';
import { acmez } from './acmez.ts';
import { certbot } from './certbot.ts';
import { lego } from './lego.ts';

/** The clients that meet each deviation, in the order of the table. */
export const acmeClients: readonly AcmeClient[] = [lego, acmez, certbot];
