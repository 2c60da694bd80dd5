import { randomBytes } from 'node:crypto';
import type { InsideView } from '../diagnosis/surroundings.ts';
import { field, list, text } from '../issuance/recorded-object.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { objectWhere } from '../kube/until.ts';
import { scaled } from '../time-scale.ts';

/** What is looked at from inside a cluster. */
export interface InsideRequest {
  readonly host: string;
  /** The challenge path, or `/`. */
  readonly path: string;
  /** A Pod of the gateway: its proxy's image has the program that looks. */
  readonly gatewayPod: KubeObject;
  /** Where the Pod is made if cert-manager's Pod cannot be seen. */
  readonly namespace: string;
  readonly signal: AbortSignal;
}

const endsWithinMs = 60_000;
const proxyContainer = 'istio-proxy';
/** A port that nobody listens on (discard, RFC 863): the error of a connection to it has the address of the name. */
const closedPort = 9;
const controller = 'app.kubernetes.io/component=controller,app.kubernetes.io/name=cert-manager';

/**
 * Looks at a host from a Pod that it makes beside cert-manager's and removes again: with the cluster's DNS and its way to the gateway,
 * as the self-check goes. The Pod runs `pilot-agent wait` of the gateway's own image, so that no other image is needed.
 *
 * @throws KubeError, TimeoutError
 */
export async function lookInside(kube: KubeClient, request: InsideRequest): Promise<InsideView> {
  const { host, path, gatewayPod, signal } = request;
  const image = list(gatewayPod, 'spec', 'containers').find((each) => text(each, 'name') === proxyContainer);
  const controllers = await kube.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: controller }, signal);
  const beside = controllers[0];
  const namespace = beside?.metadata.namespace ?? request.namespace;
  const name = `padlock-inside-${randomBytes(3).toString('hex')}`;
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name };
  const nodeName = text(beside, 'spec', 'nodeName');
  const urls = { answer: `http://${host}${path}?padlock`, address: `http://${host}:${closedPort}/` };
  try {
    await kube.apply([podOf(ref, { image: text(image, 'image') ?? '', nodeName, urls })], { signal });
    const ended = await kube.waitFor(
      { apiVersion: 'v1', kind: 'Pod', namespace },
      objectWhere(
        ({ metadata }) => metadata.name === name,
        (pod) => ['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase') ?? ''),
      ),
      { what: `Pod ${namespace}/${name}, which looks from inside, to end`, withinMs: scaled(endsWithinMs), signal },
    );
    const [answer, address] = [saidBy(ended, 'answer'), saidBy(ended, 'address')];
    const status = answer === null ? 200 : /HTTP status code (\d+)/.exec(answer)?.[1];
    return {
      pod: `${namespace}/${name}`,
      // Behind some load balancers a closed port gives no answer at all.
      addresses: addressIn(address ?? '') ?? addressIn(answer ?? '') ?? { error: address ?? '' },
      answer: status === undefined ? { error: answer ?? '' } : { status: Number(status) },
    };
  } finally {
    // Also after an interruption, whose signal is given already.
    await kube.remove(ref, { gracePeriodSeconds: 0 });
  }
}

interface PodParts {
  readonly image: string;
  readonly nodeName: string | null;
  readonly urls: Readonly<Record<string, string>>;
}

function podOf(ref: { namespace: string; name: string }, { image, nodeName, urls }: PodParts): KubeObject {
  const limits = { cpu: '100m', memory: '128Mi' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: ref.namespace,
      name: ref.name,
      labels: { 'app.kubernetes.io/managed-by': 'padlock', 'sidecar.istio.io/inject': 'false' },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: endsWithinMs / 1000,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(nodeName === null ? {} : { nodeName }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1337,
        runAsGroup: 1337,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: Object.entries(urls).map(([name, url]) => ({
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['pilot-agent', 'wait', '--url', url],
        args: ['--timeoutSeconds', '4', '--periodMillis', '200', '--requestTimeoutMillis', '3000'],
        terminationMessagePolicy: 'FallbackToLogsOnError',
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
      })),
    },
  };
}

/** The last error of a container's requests; null if one had the status 200. */
function saidBy(pod: KubeObject, container: string): string | null {
  const status = list(pod, 'status', 'containerStatuses').find((each) => text(each, 'name') === container);
  const terminated = field(status, 'state', 'terminated');
  if (field(terminated, 'exitCode') === 0) return null;
  const message = text(terminated, 'message') ?? text(pod, 'status', 'message') ?? 'nothing was said';
  return (/Last error: (.*)/.exec(message)?.[1] ?? message.trim().split('\n').at(-1) ?? '').trim();
}

/** The address that an error of Go's network client names; null for none. */
function addressIn(error: string): readonly string[] | null {
  const address = /dial tcp \[?([\da-f.:]+?)\]?:\d+:/i.exec(error)?.[1];
  return address === undefined ? null : [address];
}
