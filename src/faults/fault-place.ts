import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ExternalAccountCa, RunningEnvironment } from '../environment/environment.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { objectWhere } from '../kube/until.ts';
import { scaled } from '../time-scale.ts';
import type { HostAddress } from './cure.ts';
import type { StandaloneFault } from './fault.ts';

const addressWithinMs = 120_000;

/** Where faults are staged on their own. */
export interface FaultPlace {
  readonly environment: Pick<
    RunningEnvironment,
    'ca' | 'dnsUpdates' | 'domain' | 'gateway' | 'nameServers' | 'setAddresses'
  >;
  readonly kube: KubeClient;
  /** On a cluster that stays: the run whose label everything that is staged has, so that `padlock down` finds it. */
  readonly run?: string | undefined;
  /** A CA that demands external account binding; absent if there is none. */
  readonly externalAccount?: ExternalAccountCa | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A place whose ingress gateway is known. */
interface PlaceWithGateway {
  readonly environment: Pick<RunningEnvironment, 'gateway'>;
}

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** The namespace of a fault that is staged on its own. */
export function namespaceOf({ id }: Pick<StandaloneFault, 'id'>): string {
  return `fault-${id}`;
}

/** The host of a fault that is staged on its own. */
export function hostOf({ id }: Pick<StandaloneFault, 'id'>, { domain }: Pick<RunningEnvironment, 'domain'>): string {
  return `${id}.${domain}`;
}

/** The Certificate to trace while the fault lasts. */
export function certificateOf(fault: StandaloneFault, { environment }: PlaceWithGateway): ObjectName {
  const own = namespaceOf(fault);
  return fault.onItsOwn.isInGatewayNamespace === true
    ? { namespace: environment.gateway.namespace, name: own }
    : { namespace: own, name: 'fault' };
}

/** The Certificate that is served after the cure. */
export function curedCertificateOf(fault: StandaloneFault, place: PlaceWithGateway): ObjectName {
  return fault.cure?.isInGatewayNamespace === true
    ? { namespace: place.environment.gateway.namespace, name: namespaceOf(fault) }
    : certificateOf(fault, place);
}

/** The placeholders of a fault's manifests. Keys that must be wrong are new each time. */
export async function placeholdersOf(
  fault: StandaloneFault,
  { environment, externalAccount }: FaultPlace,
): Promise<Readonly<Record<string, string>>> {
  const { ca, gateway, nameServers } = environment;
  const needs = fault.onItsOwn.needs ?? [];
  const updates = needs.includes('dns01') ? await environment.dnsUpdates?.() : undefined;
  const ofExternalAccount = needs.includes('external-account') ? externalAccount : undefined;
  return {
    ...hostPlaceholders(fault, environment),
    namespace: namespaceOf(fault),
    directoryUrl: ofExternalAccount?.directoryUrl ?? ca.directoryUrl,
    directoryCaBundle: ca.directoryCaFile === null ? '' : (await readFile(ca.directoryCaFile)).toString('base64'),
    gatewayNamespace: gateway.namespace,
    gatewayService: gateway.service,
    // JSON is YAML.
    gatewaySelector: JSON.stringify(gateway.selector),
    ingressClass: gateway.ingressClass ?? '',
    nameServer: updates?.nameServer ?? `${nameServers[0]}:53`,
    tsigKeyName: updates?.keyName ?? '',
    tsigAlgorithm: updates?.algorithm ?? '',
    tsigSecret: updates?.secret ?? '',
    wrongTsigSecret: randomBytes(32).toString('base64'),
    externalAccountKeyId: ofExternalAccount?.keyId ?? '',
    externalAccountKey: ofExternalAccount?.hmacKey ?? '',
    wrongExternalAccountKey: randomBytes(32).toString('base64url'),
  };
}

/** The placeholders for the host of a fault, and for its parts. */
export function hostPlaceholders(
  fault: StandaloneFault,
  environment: Pick<RunningEnvironment, 'domain'>,
): Readonly<Record<string, string>> {
  const { domain } = environment;
  const labels = domain.split('.');
  return {
    ...{ host: hostOf(fault, environment), hostLabel: fault.id },
    ...{ domain, domainFirstLabel: labels[0] ?? '', domainLastLabel: labels.at(-1) ?? '' },
  };
}

/** Fills in the placeholders of a name. */
export function filled(name: string, values: Readonly<Record<string, string>>): string {
  return name.replace(/\$\{([A-Za-z0-9]+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
}

/** Points the host of a fault at an address, which a Service may first have to get. */
export async function pointHost(
  fault: StandaloneFault,
  place: FaultPlace,
  address: HostAddress,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const { environment } = place;
  await environment.setAddresses(hostOf(fault, environment), await addressesOf(address, place, values));
}

async function addressesOf(
  address: HostAddress,
  { environment, kube, signal }: FaultPlace,
  values: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  if (address === 'nowhere') return [];
  if (address === 'gateway') {
    const { namespace, service } = environment.gateway;
    return addressesOf({ service: { namespace, name: service } }, { environment, kube, signal }, values);
  }
  if ('ip' in address) return [address.ip];
  if ('gatewayAnd' in address)
    return [...(await addressesOf('gateway', { environment, kube, signal }, values)), address.gatewayAnd];
  const namespace = filled(address.service.namespace, values);
  const name = filled(address.service.name, values);
  const service = await kube.waitFor(
    { apiVersion: 'v1', kind: 'Service', namespace },
    objectWhere(
      ({ metadata }) => metadata.name === name,
      (object) => loadBalancerAddresses(object).length > 0,
    ),
    { what: `Service ${namespace}/${name} to have an address`, withinMs: scaled(addressWithinMs), ...optional(signal) },
  );
  return loadBalancerAddresses(service);
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function loadBalancerAddresses({ status }: KubeObject): readonly string[] {
  const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip?: string }[] } };
  return (loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}
