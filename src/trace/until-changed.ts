import type { KubeClient } from '../kube/client.ts';

/** The polling interval for state that cannot be watched, such as DNS and the gateway's configuration. */
const longestMs = 10_000;
/** Changes come in bursts; the burst is told once. */
const settleMs = 300;

const watched = [
  { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
  { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest' },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order' },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge' },
] as const;

/** Resolves when an object of the issuance changed in a namespace, or after 10 s. @throws the signal's reason */
export async function untilChanged(kube: KubeClient, namespace: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const limit = setTimeout(resolve, longestMs);
  let settling: NodeJS.Timeout | undefined;
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const watches = watched.map((kind) =>
    kube.watch(
      { ...kind, namespace },
      {
        onEvent: ({ change }) => {
          if (change !== 'existed') settling ??= setTimeout(resolve, settleMs);
        },
      },
    ),
  );
  try {
    await promise;
  } finally {
    clearTimeout(limit);
    clearTimeout(settling);
    signal.removeEventListener('abort', abort);
    await Promise.all(watches.map((watch) => watch[Symbol.asyncDispose]()));
  }
}
