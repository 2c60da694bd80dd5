import { mkdir } from 'node:fs/promises';
import { type ComponentDescription, cacheFolder, type UpstreamModule, upstreamModule } from '../components/index.ts';
import { UserError } from '../user-error.ts';

/** Versions that a user chose instead of the pinned ones. */
export interface PlatformVersions {
  /** A tag of Istio, e.g. 1.30.1. */
  readonly istio?: string | undefined;
  /** A tag of cert-manager, e.g. v1.20.2. */
  readonly certManager?: string | undefined;
  /** A tag of the Gateway API, e.g. v1.5.1. */
  readonly gatewayApi?: string | undefined;
}

/** A part of the platform at a chosen version: its module, and the tag of its images. */
export interface ChosenPart {
  readonly module: UpstreamModule;
  readonly tag: string;
}

export interface ChosenParts {
  readonly istio: ChosenPart | null;
  readonly certManager: ChosenPart | null;
  readonly gatewayApi: ChosenPart | null;
}

export const pinnedParts: ChosenParts = { istio: null, certManager: null, gatewayApi: null };

const sources = {
  // Istio's tags have no v, so the go command does not treat them as semantic versions.
  istio: { option: '--istio', module: 'istio.io/istio', prefix: '', example: '1.30.1' },
  certManager: {
    option: '--cert-manager',
    module: 'github.com/cert-manager/cert-manager',
    prefix: 'v',
    example: 'v1.21.2',
  },
  gatewayApi: { option: '--gateway-api', module: 'sigs.k8s.io/gateway-api', prefix: 'v', example: 'v1.6.3' },
} as const;

/**
 * Downloads the chosen versions: charts and CustomResourceDefinitions come from each project's Go module.
 *
 * @throws UserError (2) for an invalid or unavailable version
 */
export async function choosePlatform(
  versions: PlatformVersions,
  signal: AbortSignal,
  cache = cacheFolder(),
): Promise<ChosenParts> {
  const choose = async (part: keyof typeof sources): Promise<ChosenPart | null> => {
    const wanted = versions[part];
    if (wanted === undefined) return null;
    const { option, module, prefix, example } = sources[part];
    const tag = tagOf(wanted, prefix);
    if (tag === null) throw new UserError(`${option} ${wanted} is not a version. Example: ${example}.`);
    if (part === 'certManager') refuseOldCertManager(tag);
    await mkdir(cache, { recursive: true });
    return { tag, module: await upstreamModule({ module, version: tag, chosenBy: option, cache, signal }) };
  };
  const [istio, certManager, gatewayApi] = await Promise.all([
    choose('istio'),
    choose('certManager'),
    choose('gatewayApi'),
  ]);
  return { istio, certManager, gatewayApi };
}

/** What people are told of a version that cannot be installed. */
export function chartTooOld(tag: string): string {
  return `--cert-manager ${tag}: Padlock can install cert-manager v1.19.0 or later, because older Go modules have no CustomResourceDefinitions in their chart. For an older version, install it yourself and use --environment existing.`;
}

/** @throws UserError (2) if Padlock cannot install this version of cert-manager */
function refuseOldCertManager(tag: string): void {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(tag) ?? [];
  if (Number(major) > 1 || Number(minor) >= 19) return;
  throw new UserError(chartTooOld(tag));
}

/** The project's tag of a version that was written with or without a v; null for an invalid version. */
function tagOf(version: string, prefix: string): string | null {
  const [, number] = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(version) ?? [];
  return number === undefined ? null : `${prefix}${number}`;
}

/** The chosen versions, for a report. The digest is the go command's hash of the module. */
export function describeChosen(chosen: ChosenParts): readonly ComponentDescription[] {
  return Object.values(chosen).flatMap((part: ChosenPart | null) =>
    part === null
      ? []
      : [{ name: part.module.module, version: part.tag, source: 'its Go module', digest: part.module.sum }],
  );
}
