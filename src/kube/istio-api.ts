/** The path of a request for objects of Istio's own kinds. */
const istioPath = /^\/apis\/(?:[a-z0-9-]+\.)*istio\.io\//;
const namespacePath = /^\/api\/v1\/namespaces\/[^/]+$/;

/** Whether an apiVersion is one of Istio's own, e.g. `networking.istio.io/v1`; the group alone will do. */
export function isOfIstio(apiVersion: string): boolean {
  return /(?:^|\.)istio\.io$/.test(apiVersion.split('/')[0] ?? '');
}

/** Whether a request is for Istio's control plane, if that has an API server of its own. */
export function isForIstio(path: string): boolean {
  return istioPath.test(path);
}

/** Whether both API servers get a request: Istio's objects need the namespaces of a run, too. */
export function isForBoth(method: string | undefined, path: string): boolean {
  return (method === 'PATCH' || method === 'DELETE') && namespacePath.test(path);
}
