import type { IstioKubeconfig } from '../../kube/connection.ts';
import { UserError } from '../../user-error.ts';

/** The options of Istio's control plane. */
export interface IstioOptions {
  readonly istioKubeconfig?: string | undefined;
  readonly istioContext?: string | undefined;
}

/** The kubeconfig of Istio's control plane. @throws UserError (2) for a context without a kubeconfig */
export function istioKubeconfigOf({ istioKubeconfig, istioContext }: IstioOptions): IstioKubeconfig | undefined {
  if (istioKubeconfig !== undefined) return { path: istioKubeconfig, context: istioContext };
  if (istioContext === undefined) return undefined;
  throw new UserError('--istio-context needs --istio-kubeconfig.');
}
