import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createWhole } from '../../create-whole.ts';
import { runToEnd } from '../../run-to-end.ts';
import { UserError } from '../../user-error.ts';
import { stateRoot } from '../state-root.ts';
import { cellNetwork, firstSlot, lastSlot } from './node/cell-network.ts';
import { overlap } from './node/ipv4-ranges.ts';
import { claimSubnet } from './subnet-claim.ts';

function slotsFolder(): string {
  return join(stateRoot(), 'slots');
}

/** The cell that holds a slot; null if the slot is free. `padlock down` frees the slot of a cell that is gone. */
function holderOf(slot: number): Promise<string | null> {
  return readFile(join(slotsFolder(), String(slot)), 'utf8').catch(() => null);
}

const routesSchema = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));
const linksSchema = z.array(z.object({ ifname: z.string() }));

/** The second and third octets' worth: all that this machine already routes below 10.231.0.0/16, or wider. */
async function takenByThisMachine(): Promise<(slot: number) => string | null> {
  const routes = routesSchema.parse(JSON.parse((await runToEnd('ip', ['-json', '-4', 'route', 'show'])) || '[]'));
  const links = linksSchema.parse(JSON.parse((await runToEnd('ip', ['-json', 'link', 'show'])) || '[]'));
  return (slot) => {
    const { subnet, hostInterface } = cellNetwork(slot);
    const route = routes.find(({ dst }) => dst !== 'default' && overlap(dst, subnet));
    if (route) return `the route ${route.dst} dev ${route.dev ?? '?'}`;
    return links.some(({ ifname }) => ifname === hostInterface) ? `the interface ${hostInterface}` : null;
  };
}

/** A slot that a cell has, and a hold on its subnet until the cell's interface exists. */
export interface TakenSlot extends AsyncDisposable {
  readonly slot: number;
}

/**
 * Takes a subnet for a cell: the wanted slot, or the first that neither another cell nor this machine uses. Two commands at once
 * never get the same, with two state folders either: dispose of what this returns once the interface exists.
 *
 * @throws UserError (3) if the requested subnet or all subnets are taken
 */
export async function takeSlot(cell: string, wanted?: number): Promise<TakenSlot> {
  await mkdir(slotsFolder(), { recursive: true, mode: 0o700 });
  const usedBefore = await takenByThisMachine();
  const candidates = wanted === undefined ? Array.from({ length: lastSlot }, (_, i) => firstSlot + i) : [wanted];
  for (const slot of candidates) {
    const use = usedBefore(slot) ?? (await taken(cell, slot));
    if (typeof use !== 'string') return use;
    if (wanted === undefined) continue;
    const holder = await holderOf(slot);
    throw new UserError(
      `The subnet ${cellNetwork(slot).subnet} is taken by ${holder === null ? use : `the cell '${holder}'`}. Choose another one with --subnet, or omit the option.`,
      { exitCode: 3 },
    );
  }
  throw new UserError(
    `Every subnet of 10.231.0.0/16 is taken by a cell or a route of this machine. Remove cells with 'padlock down --all'.`,
    { exitCode: 3 },
  );
}

/** Takes one slot. @returns who or what has it, if not this cell */
async function taken(cell: string, slot: number): Promise<TakenSlot | string> {
  const claim = await claimSubnet(cellNetwork(slot).subnet);
  if (claim === null) return 'a cell that is starting';
  // What was free before the claim may have got its interface since.
  const use = (await takenByThisMachine())(slot);
  const file = join(slotsFolder(), String(slot));
  if (use === null && (await createWhole(file, cell, { mode: 0o600, writtenIn: stateRoot() }))) {
    return { slot, [Symbol.asyncDispose]: () => claim[Symbol.asyncDispose]() };
  }
  await claim[Symbol.asyncDispose]();
  return use ?? 'another cell';
}

/** The slots that a cell holds. */
export async function slotsOf(cell: string): Promise<readonly number[]> {
  const entries = await readdir(slotsFolder()).catch(() => []);
  const held = await Promise.all(
    entries.map(async (entry) => ((await holderOf(Number(entry))) === cell ? [Number(entry)] : [])),
  );
  return held.flat();
}

/** Gives a slot back. */
export async function releaseSlot(slot: number): Promise<void> {
  await rm(join(slotsFolder(), String(slot)), { force: true });
}
