import type { TlsProbe } from '../evidence/evidence.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../issuance/recorded-object.ts';
import { gatewayApiOwner, getsIngresses } from './ingress-gateway.ts';
import { quoted, type Rule } from './rule.ts';
import type { CurrentObject, Situation } from './situation.ts';

const istioGroup = 'networking.istio.io';
const gatewayApiGroup = 'gateway.networking.k8s.io';

/** A server, a listener or an Ingress that should serve the host over TLS. */
export interface TlsServer {
  /** The Gateway or the Ingress. */
  readonly gateway: CurrentObject;
  /** Whether the gateway that the host leads to has it. */
  readonly isHere: boolean;
  readonly by: 'Istio' | 'Gateway API' | 'Ingress';
  /** Null where an Ingress has none of its own. */
  readonly port: number | null;
  /** The pattern by which it names the host. */
  readonly pattern: string;
  /** The server, listener or tls entry itself. */
  readonly spec: unknown;
  /** The Secret as it is written. */
  readonly written: string;
  /** The Secret that it takes its certificate from, in the namespace where the gateway looks. */
  readonly credential: { readonly namespace: string; readonly name: string };
}

/** A rule about a Certificate that is issued. */
export function onceIssued(id: string, recognizes: string, look: Rule['look']): Rule {
  return {
    id,
    recognizes,
    look: (situation) => (situation.certificateReady?.status === 'True' ? look(situation) : null),
  };
}

/**
 * Every server, listener and Ingress that should serve the host over TLS at the gateway that the host leads to, with the
 * Secrets that it names. Where the gateway's Pods were not seen, those of every gateway.
 */
export function tlsServers(situation: Situation): readonly TlsServer[] {
  return everyTlsServer(situation).filter(({ isHere }) => isHere);
}

/** As {@link tlsServers}, at every gateway. */
export function everyTlsServer(situation: Situation): readonly TlsServer[] {
  return [...istioServers(situation), ...gatewayApiServers(situation), ...ingressServers(situation)];
}

function istioServers(situation: Situation): readonly TlsServer[] {
  const { gateway: service } = situation.input.subject;
  return situation.all(istioGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'servers').flatMap((server): TlsServer[] => {
      const pattern = texts(server, 'hosts').find((each) => namesHost(each, situation.host));
      if (pattern === undefined) return [];
      const names = [text(server, 'tls', 'credentialName') ?? [], texts(server, 'tls', 'credentialNames')].flat(2);
      return names.map((written) => {
        // Istio looks in the namespace of the gateway's Pods, not in that of the Gateway object.
        const [first = '', second] = written.replace(/^kubernetes:\/\//, '').split('/');
        const credential =
          second === undefined ? { namespace: service.namespace, name: first } : { namespace: first, name: second };
        return {
          gateway,
          isHere: selectsGateway(gateway, situation),
          by: 'Istio',
          port: portOf(field(server, 'port', 'number')),
          pattern,
          spec: server,
          written,
          credential,
        };
      });
    }),
  );
}

function gatewayApiServers(situation: Situation): readonly TlsServer[] {
  const owners = new Set(situation.gatewayPods.map(gatewayApiOwner));
  const isOurs = (gateway: CurrentObject) =>
    situation.gatewayPods.length === 0 ||
    list(gateway, 'spec', 'addresses').length > 0 ||
    owners.has(`${text(gateway, 'metadata', 'namespace')}/${text(gateway, 'metadata', 'name')}`);
  return situation.all(gatewayApiGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'listeners').flatMap((listener): TlsServer[] => {
      const pattern = text(listener, 'hostname') ?? '*';
      if (!namesHost(pattern, situation.host)) return [];
      return list(listener, 'tls', 'certificateRefs').map((reference) => ({
        ...{
          gateway,
          isHere: isOurs(gateway),
          by: 'Gateway API',
          port: portOf(field(listener, 'port')),
          pattern,
          spec: listener,
        },
        written: text(reference, 'name') ?? '',
        credential: {
          namespace: text(reference, 'namespace') ?? text(gateway, 'metadata', 'namespace') ?? '',
          name: text(reference, 'name') ?? '',
        },
      }));
    }),
  );
}

/** Istio makes a Gateway of its own from an Ingress, so its Secrets are looked for in the namespace of the gateway's Pods too. */
function ingressServers(situation: Situation): readonly TlsServer[] {
  const pods = situation.gatewayPods;
  const isHere = pods.length === 0 || pods.some((pod) => getsIngresses(pod, situation));
  return situation
    .all('networking.k8s.io', 'Ingress')
    .filter((ingress) => isOfIstio(ingress, situation))
    .flatMap((ingress) =>
      list(ingress, 'spec', 'tls').flatMap((entry): TlsServer[] => {
        const hosts = texts(entry, 'hosts');
        const pattern = hosts.length === 0 ? '*' : hosts.find((each) => namesHost(each, situation.host));
        const written = text(entry, 'secretName');
        if (pattern === undefined || written === null) return [];
        const credential = { namespace: situation.input.subject.gateway.namespace, name: written };
        return [{ gateway: ingress, isHere, by: 'Ingress', port: null, pattern, spec: entry, written, credential }];
      }),
    );
}

function isOfIstio(ingress: CurrentObject, situation: Situation): boolean {
  const annotated = text(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
  if (annotated !== null) return annotated === situation.mesh.ingressClass;
  const name = text(ingress, 'spec', 'ingressClassName');
  const found = situation
    .all('networking.k8s.io', 'IngressClass')
    .find((each) => text(each, 'metadata', 'name') === name);
  return text(found, 'spec', 'controller') === 'istio.io/ingress-controller';
}

/** Whether the selector of an Istio Gateway matches the Pods of the gateway that the host leads to. */
export function selectsGateway(gateway: CurrentObject, situation: Situation): boolean {
  const pods = situation.gatewayPods;
  const wanted = Object.entries(Object(field(gateway, 'spec', 'selector')));
  return (
    pods.length === 0 ||
    pods.some((pod) => wanted.every(([name, value]) => field(pod, 'metadata', 'labels', name) === value))
  );
}

function portOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** What serves TLS for the host without a Secret that a Gateway names. */
export interface OtherTls {
  readonly gateway: CurrentObject;
  /** The file of its certificate, in the gateway's Pods; null where it passes TLS through to an application. */
  readonly file: string | null;
}

/**
 * What serves TLS for the host without a Secret that a Gateway names: servers that pass TLS through to the application, and those with a
 * certificate from a file.
 */
export function otherTls(situation: Situation): readonly OtherTls[] {
  const byServer = situation.all(istioGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'servers')
      .filter((server) => texts(server, 'hosts').some((pattern) => namesHost(pattern, situation.host)))
      .flatMap((server): OtherTls[] => {
        const file = text(server, 'tls', 'serverCertificate');
        const isPassed = /PASSTHROUGH$/.test(text(server, 'tls', 'mode') ?? '');
        return isPassed || file !== null ? [{ gateway, file: isPassed ? null : file }] : [];
      }),
  );
  const byListener = situation.all(gatewayApiGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'listeners')
      .filter((listener) => namesHost(text(listener, 'hostname') ?? '*', situation.host))
      .filter((listener) => text(listener, 'tls', 'mode') === 'Passthrough')
      .map((): OtherTls => ({ gateway, file: null })),
  );
  return [...byServer, ...byListener];
}

/** Whether the served certificate is the one in the Secret. */
export function isServed(situation: Situation): boolean {
  return situation.servesIssued;
}

/** The Secrets whose certificate the host serves, by fingerprint, of those that servers name. */
export function servedSecrets(situation: Situation): readonly TlsServer[] {
  const { tls } = situation;
  if (tls === null || 'error' in tls.outcome) return [];
  const served = tls.outcome.chain[0]?.fingerprintSha256;
  return tlsServers(situation).filter(
    ({ credential }) => situation.secret(credential)?.certificates[0]?.fingerprintSha256 === served,
  );
}

export function describeTls(probe: TlsProbe | null): string | null {
  if (probe === null) return null;
  const where = `${probe.serverName} at ${probe.address} port ${probe.port}`;
  if ('error' in probe.outcome)
    return `From outside, a TLS connection to ${where} fails: ${quoted(probe.outcome.error)}.`;
  const [leaf] = probe.outcome.chain;
  return `From outside, ${where} serves the certificate ${leaf?.serialNumber ?? 'none'} for ${leaf?.dnsNames.join(', ') ?? 'no name'}, valid until ${leaf?.notAfter ?? 'unknown'}.`;
}

export function warmingSecrets(situation: Situation): readonly string[] {
  return situation.input.gatewayConfigs.flatMap(({ pod, secrets }) =>
    secrets.filter(({ state }) => state === 'warming').map(({ name }) => `${name} in ${pod}`),
  );
}

/** What istiod's log says about Secrets that it cannot give to the gateway. */
export function istiodSays(situation: Situation): string[] {
  const lines = situation.input.logs
    .flatMap(({ source, lines }) => lines.map((line) => ({ source, line })))
    .filter(({ line }) => /failed to fetch key and certificate|not found/.test(line) && /kubernetes:\/\//.test(line));
  const last = lines.at(-1);
  return last === undefined ? [] : [`The log of ${last.source} says: ${quoted(last.line)}.`];
}
