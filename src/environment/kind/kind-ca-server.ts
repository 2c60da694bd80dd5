import { pebble } from '../../ca-servers/pebble/pebble.ts';

/** The CA server of every kind environment. */
export const kindCaServer = pebble;
