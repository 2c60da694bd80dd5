import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startPebble } from '../acme/loopback/pebble.ts';
import { NameServer } from '../acme/responders/name-server.ts';
import { type Components, certManagerVersion } from '../components/index.ts';
import { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { hasLoadBalancer, loadBalancerAddress } from '../kube/load-balancer-address.ts';
import { type Predicate, predicateOn, TimeoutError } from '../kube/until.ts';
import { type Cell, startCell } from '../library/padlock.ts';
import type { ClientLane, LaneEnd, LaneRequest, ReadyClient, Upstream } from './client-lane.ts';

const loopback = '127.0.0.1';
const httpPort = 80;
const gatewayWithinMs = 60_000;
/** A controller never gives up: after this time it is judged by what its objects say. */
const controllerLimitMs = 120_000;
const certificateName = 'padlock';
const secretName = 'padlock-tls';
const certificates = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' } as const;
const secrets = { apiVersion: 'v1', kind: 'Secret' } as const;

const ownNamespace = 'clients';

/** Keeps port 80 of the gateway open. With the last solver gone it would close, while the CA validates the next one. */
const alwaysServed = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'always', namespace: ownNamespace },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: httpPort, name: 'http', protocol: 'HTTP' }, hosts: ['always.invalid'] }],
  },
};

/** What cert-manager's objects say of themselves. */
interface Reporting {
  readonly status?: {
    readonly state?: string;
    readonly reason?: string;
    readonly lastFailureTime?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/**
 * Makes cert-manager ready in a cell of its own, with solvers behind the cell's gateway. The deviations are on this machine, and so
 * is the Pebble behind them, which validates through the gateway as the cell's CA does.
 */
export async function readyCertManager(
  components: Components,
  lanes: number,
  signal: AbortSignal,
): Promise<ReadyClient> {
  await using started = new AsyncDisposableStack();
  const cell = started.use(await startCell({ signal, progress: true }));
  const kube = started.use(await KubeClient.open({ path: cell.kubeconfig }));
  await kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: ownNamespace } }, alwaysServed], {
    signal,
  });
  const { namespace, service } = cell.gateway;
  const gateway = await kube.waitFor({ apiVersion: 'v1', kind: 'Service', namespace }, hasLoadBalancer(service), {
    ...{ what: `Service ${namespace}/${service} to have an address`, withinMs: gatewayWithinMs, signal },
  });
  const address = await loadBalancerAddress(gateway);
  if (address === null) throw new Error(`Service ${namespace}/${service} has no IP address`);
  const names = started.use(
    await NameServer.start({ address: loopback, port: 0, domains: [cell.domain], addresses: [address] }),
  );
  const dnsServer = `${loopback}:${names.port}`;
  const pebble = started.use(await startPebble({ httpPort, dnsServer, program: components.binary('pebble') }));
  // One for all orders, which have the gateway's port 80 in common.
  const upstream: Upstream = { ...pebble, [Symbol.asyncDispose]: async () => {} };
  const listenAddress = await addressTowards(kube.server);
  const lane: ClientLane = {
    openUpstream: async () => upstream,
    listenAddress,
    order: (request) => order(cell, kube, request),
  };
  const held = started.move();
  return {
    ...{ id: 'cert-manager', title: 'cert-manager', version: certManagerVersion, domain: cell.domain },
    lanes: Array.from({ length: lanes }, () => lane),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The address of this machine from which it reaches a server, and at which Pods of a cell reach it. */
async function addressTowards(server: string): Promise<string> {
  const { hostname, port } = new URL(server);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const { localAddress } = socket;
  socket.destroy();
  if (localAddress === undefined) throw new Error(`the connection to ${server} has no local address`);
  return localAddress;
}

async function order(cell: Cell, kube: KubeClient, request: LaneRequest): Promise<LaneEnd> {
  const { name, deviation, attempt, directoryUrl, certificate, signal } = request;
  // The namespace of the attempt before may still be going.
  const namespace = `meets-${attempt}-${deviation}`.slice(0, 63).replace(/-+$/, '');
  await cell.pointHostAt(name, 'gateway');
  await kube.apply(
    [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        ...{ apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name: 'ca', namespace } },
        spec: {
          acme: {
            ...{ server: directoryUrl, caBundle: Buffer.from(certificate).toString('base64') },
            privateKeySecretRef: { name: 'account' },
            solvers: [{ http01: { ingress: { ingressClassName: 'istio' } } }],
          },
        },
      },
      {
        ...{ ...certificates, metadata: { name: certificateName, namespace } },
        spec: { secretName, dnsNames: [name], issuerRef: { name: 'ca' } },
      },
    ],
    { signal },
  );
  try {
    const ended = await kube
      .waitFor({ ...certificates, namespace }, hasEnded, {
        ...{ what: `Certificate ${namespace}/${certificateName} to end`, withinMs: controllerLimitMs, signal },
      })
      .catch((error: unknown) => {
        if (error instanceof TimeoutError) return null;
        throw error;
      });
    const said = await messagesIn(kube, namespace, signal);
    if (ended === null) {
      // A controller never gives up. What it says while it goes on trying is what a user has.
      const status = said === '' ? null : 1;
      return { status, signal: null, obtained: null, message: said === '' ? '' : `Still trying: ${said}` };
    }
    if (!isReady(ended)) return { status: 1, signal: null, obtained: null, message: said };
    const secret = await kube.get({ ...secrets, namespace, name: secretName }, signal);
    const { data } = (secret ?? {}) as { data?: Readonly<Record<string, string>> };
    const text = (key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
    const key = createPublicKey(text('tls.key'));
    const publicKey = key.export({ type: 'spki', format: 'pem' }).toString();
    return { status: 0, signal: null, message: '', obtained: { chain: text('tls.crt'), publicKey } };
  } finally {
    await kube.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  }
}

/** What objects say in every issuance. */
const ordinary =
  /^(Issuing certificate as Secret does not exist|Successfully authorized domain|Waiting for HTTP-01 challenge propagation: .*)$/;

/** A Certificate that is Ready, or whose issuance has failed. */
const hasEnded: Predicate<KubeObject> = predicateOn(
  'Certificate',
  certificateName,
  (object) => isReady(object) || (object as Reporting).status?.lastFailureTime !== undefined,
);

function isReady(object: KubeObject): boolean {
  return (
    (object as Reporting).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  );
}

/** What the objects of a namespace say, the nearest to the CA first. */
async function messagesIn(kube: KubeClient, namespace: string, signal: AbortSignal): Promise<string> {
  const kinds = [
    { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge' },
    { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order' },
    { apiVersion: 'cert-manager.io/v1', kind: 'Issuer' },
    certificates,
  ];
  const lists = await Promise.all(kinds.map((kind) => kube.list({ ...kind, namespace }, signal)));
  const said = lists.flat().flatMap((object): readonly string[] => {
    const { state, reason = '', conditions = [] } = (object as Reporting).status ?? {};
    const failing = conditions.filter(({ status }) => status === 'False').map(({ message = '' }) => message);
    return [...(state === 'valid' ? [] : [reason]), ...failing]
      .filter((one) => one !== '' && !ordinary.test(one))
      .map((one) => `${object.kind}: ${one}`);
  });
  return [...new Set(said)].join('; ');
}
