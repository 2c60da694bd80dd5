#!/usr/bin/env node
/**
 * A DNS hook for `padlock run --environment existing` on a cell as if it were a foreign cluster: `set HOST ADDRESS…` and
 * `unset HOST` in the DNS of the cell that PADLOCK_HOOK_CELL names.
 */
import { connectCell } from '../src/environment/cell/cell.ts';

const [command, host = '', ...addresses] = process.argv.slice(2);
if (!(command === 'set' && addresses.length > 0) && !(command === 'unset' && addresses.length === 0)) {
  throw new Error(`there is no call ${process.argv.slice(2).join(' ')}`);
}
await (await connectCell(process.env.PADLOCK_HOOK_CELL ?? '')).setAddresses(host, addresses);
