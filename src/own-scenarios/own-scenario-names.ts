/** Names that are new in every run. */
export interface OwnScenarioNames {
  /** The host name under test. */
  readonly host: string;
  /** The scenario's own namespace. */
  readonly namespace: string;
  /** The Service of the ingress gateway. */
  readonly gateway: { readonly namespace: string; readonly service: string };
}
