import type { IngressGateway } from '../environment/environment.ts';
import { labelled, runLabel } from '../environment/run-label.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** How the certificates of a load are issued: over ACME, or by a CA in the cluster, which leaves the cost of everything but ACME. */
export const loadSolvers = ['http01', 'dns01', 'ca-issuer'] as const;
export type LoadSolver = (typeof loadSolvers)[number];

/** What is asked of a load. */
export interface LoadShape {
  readonly certificates: number;
  /** Certificates per second; null for all at once. */
  readonly ratePerSecond: number | null;
  readonly solver: LoadSolver;
  /** How many hosts, each with a credentialName of its own, one Istio Gateway has. */
  readonly hostsPerGateway: number;
}

/** A load with the names that it uses: all objects are in the namespace of the ingress gateway, which reads its Secrets there. */
export interface LoadPlan extends LoadShape {
  /** `run-` and a few letters and digits: the label of everything that is made. */
  readonly run: string;
  readonly domain: string;
  readonly gateway: IngressGateway;
}

/** The domain below which all hosts of a load are. */
export function domainOfLoad({ run, domain }: Pick<LoadPlan, 'run' | 'domain'>): string {
  return `${run.replace(/^run-/, 'l')}.${domain}`;
}

/** The host of a certificate. @param index from 0 */
export function hostAt(plan: Pick<LoadPlan, 'run' | 'domain'>, index: number): string {
  return `c${index}.${domainOfLoad(plan)}`;
}

/** The number of a certificate, from 0, by its host; null for a host of others. */
export function indexOfHost(plan: Pick<LoadPlan, 'run' | 'domain'>, host: string): number | null {
  const [label = '', ...rest] = host.split('.');
  if (rest.join('.') !== domainOfLoad(plan) || !/^c\d+$/.test(label)) return null;
  return Number(label.slice(1));
}

/** The name of a Certificate and of its Secret. */
export function nameAt({ run }: Pick<LoadPlan, 'run'>, index: number): string {
  return `load-${run.replace(/^run-/, '')}-${index}`;
}

/** The number of a certificate, from 0, by the name of its Certificate or Secret; null for one of others. */
export function indexOfName({ run }: Pick<LoadPlan, 'run'>, name: string): number | null {
  const prefix = `load-${run.replace(/^run-/, '')}-`;
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(digits) ? Number(digits) : null;
}

/** The name of the Issuer of a load. */
export function issuerNameOf({ run }: Pick<LoadPlan, 'run'>): string {
  return `load-${run.replace(/^run-/, '')}`;
}

/** The name of the root of a CA issuer, and of the Secret that holds it. */
export function rootNameOf(plan: Pick<LoadPlan, 'run'>): string {
  return `${issuerNameOf(plan)}-root`;
}

/** A Certificate of the load. Its Secret carries the label of the run, by which it is removed. */
export function certificateAt(plan: LoadPlan, index: number): KubeObject {
  const name = nameAt(plan, index);
  return labelled(
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name, namespace: plan.gateway.namespace },
      spec: {
        dnsNames: [hostAt(plan, index)],
        issuerRef: { name: issuerNameOf(plan), kind: 'Issuer' },
        secretName: name,
        secretTemplate: { labels: { [runLabel]: plan.run } },
      },
    },
    plan.run,
  );
}

/** How many Gateways serve the hosts. */
export function gatewayCount({ certificates, hostsPerGateway }: LoadShape): number {
  return Math.ceil(certificates / hostsPerGateway);
}

/** The numbers of the certificates that a Gateway serves. */
export function certificatesOfGateway(shape: LoadShape, gateway: number): readonly number[] {
  const first = gateway * shape.hostsPerGateway;
  const length = Math.min(shape.hostsPerGateway, shape.certificates - first);
  return Array.from({ length }, (_, offset) => first + offset);
}

/** An Istio Gateway with a server, and a credentialName, for each of its hosts. */
export function gatewayAt(plan: LoadPlan, gateway: number): KubeObject {
  return labelled(
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: `${issuerNameOf(plan)}-g${gateway}`, namespace: plan.gateway.namespace },
      spec: {
        selector: plan.gateway.selector,
        servers: certificatesOfGateway(plan, gateway).map((index) => ({
          port: { number: 443, name: `https-${index}`, protocol: 'HTTPS' },
          tls: { mode: 'SIMPLE', credentialName: nameAt(plan, index) },
          hosts: [hostAt(plan, index)],
        })),
      },
    },
    plan.run,
  );
}
