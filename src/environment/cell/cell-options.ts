import { caServers, defaultCaServer } from '../../ca-servers/ca-servers.ts';
import { flagOption, type ProviderOption, parsedOption, textOption, type ValuesOf } from '../provider-option.ts';
import { caOptions, certManagerOption, gatewayApiOption, onOption } from '../shared-options.ts';
import { parseCells } from './cells-beside.ts';
import { firstSlot, lastSlot } from './node/cell-network.ts';

/** @throws Error with the expected form of a subnet */
function slotOfSubnet(text: string): number {
  const slot = Number(/^10\.231\.(\d{1,3})\.0\/24$/.exec(text)?.[1]);
  if (slot >= firstSlot && slot <= lastSlot) return slot;
  throw new Error(`it must be 10.231.N.0/24 with N from ${firstSlot} to ${lastSlot}.`);
}

function withOn<Value>(option: ProviderOption<Value>): ProviderOption<Value> {
  return { ...option, withOn: 'a running cell that already hosts that CA' };
}

/** What a cell is asked for. */
export const cellOptions = {
  ...onOption,
  subnet: parsedOption(
    '--subnet <range>',
    "the cell's subnet, 10.231.N.0/24 (default: the first that is free)",
    slotOfSubnet,
    { freshOnly: true },
  ),
  cells: parsedOption(
    '--cells <count>',
    'run scenarios that change something cluster-wide in cells of their own, with so many cells in all (default: 2 where cores and memory allow it)',
    parseCells,
    { commands: ['run'], freshOnly: true },
  ),
  ca: textOption('--ca <server>', `the CA server of the cell (default: ${defaultCaServer.id})`, {
    choices: caServers.map(({ id }) => id),
  }),
  ...gatewayApiOption,
  ...certManagerOption,
  installFresh: flagOption(
    '--install-fresh',
    'install everything anew instead of restoring a prepared state of an earlier installation',
    { freshOnly: true },
  ),
  directory: withOn(caOptions.directory),
  directoryCa: withOn(caOptions.directoryCa),
  caRoot: withOn(caOptions.caRoot),
  caUserAgent: withOn(caOptions.caUserAgent),
  eabKid: withOn(caOptions.eabKid),
  eabHmacKeyFile: withOn(caOptions.eabHmacKeyFile),
} as const;

/** Why a cell does not take an option of others, or takes it only with `--on`. */
export const cellRefusals = {
  directory: 'A fresh cell is isolated and contains only its own CA.',
  istio: 'A cell has the one version that Padlock builds.',
} as const;

export type CellOptions = ValuesOf<typeof cellOptions>;
