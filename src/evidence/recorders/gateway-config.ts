import { z } from 'zod';
import { messageOf } from '../../error-message.ts';
import type { KubeClient } from '../../kube/client.ts';
import { execInPod } from '../../kube/exec.ts';
import type { GatewayConfig } from '../evidence.ts';
import { namesHost } from '../hosts-of-object.ts';

/** The container of a gateway Pod that Envoy runs in, by Istio's convention. */
const proxyContainer = 'istio-proxy';
const dumpWithinMs = 10_000;

/*
 * The parts of Envoy's config dump (envoy.admin.v3.ConfigDump) that say which way a request of a host takes. Everything
 * else, and with it whatever a filter may hold as a secret, is not looked at.
 */

const tlsContext = z.object({
  common_tls_context: z
    .object({ tls_certificate_sds_secret_configs: z.array(z.object({ name: z.string() })).default([]) })
    .default({ tls_certificate_sds_secret_configs: [] }),
});

const filterChain = z.object({
  filter_chain_match: z.object({ server_names: z.array(z.string()).default([]) }).default({ server_names: [] }),
  filters: z
    .array(
      z.object({ typed_config: z.object({ rds: z.object({ route_config_name: z.string() }).optional() }).optional() }),
    )
    .default([]),
  transport_socket: z.object({ typed_config: tlsContext.optional() }).optional(),
});

const listener = z.object({
  address: z.object({ socket_address: z.object({ port_value: z.int() }).optional() }).optional(),
  filter_chains: z.array(filterChain).default([]),
});

const route = z.object({
  match: z.record(z.string(), z.unknown()).default({}),
  route: z.object({ cluster: z.string().optional(), weighted_clusters: z.unknown().optional() }).optional(),
  redirect: z.record(z.string(), z.unknown()).optional(),
  direct_response: z.object({ status: z.int() }).optional(),
});

const routeConfiguration = z.object({
  name: z.string().default(''),
  virtual_hosts: z
    .array(
      z.object({
        domains: z.array(z.string()),
        require_tls: z.string().optional(),
        routes: z.array(route).default([]),
      }),
    )
    .default([]),
});

const named = z.object({ name: z.string() });

const configDump = z.object({
  configs: z.array(
    z.object({
      '@type': z.string(),
      dynamic_listeners: z
        .array(
          z.object({
            active_state: z.object({ listener }).optional(),
            warming_state: z.object({ listener }).optional(),
          }),
        )
        .optional(),
      dynamic_route_configs: z.array(z.object({ route_config: routeConfiguration })).optional(),
      dynamic_active_secrets: z.array(named).optional(),
      dynamic_warming_secrets: z.array(named).optional(),
    }),
  ),
});

type Route = z.infer<typeof route>;

/**
 * Reads from an Envoy config dump what the gateway does with requests for a host.
 *
 * @param dump the JSON of Envoy's admin endpoint `/config_dump`
 * @param pod namespace/name
 * @throws Error if it is not a config dump; the sentence quotes nothing of it
 */
export function gatewayConfigOf(dump: string, pod: string, host: string, at: Date): GatewayConfig {
  const { configs } = parse(dump);
  const of = (type: string) => configs.filter((config) => config['@type'].endsWith(`.${type}`));
  const listeners = of('ListenersConfigDump').flatMap(({ dynamic_listeners = [] }) =>
    dynamic_listeners.flatMap(({ active_state, warming_state }) => [
      ...(active_state === undefined ? [] : [{ ...active_state.listener, state: 'active' as const }]),
      ...(warming_state === undefined ? [] : [{ ...warming_state.listener, state: 'warming' as const }]),
    ]),
  );
  const routeConfigs = of('RoutesConfigDump').flatMap(({ dynamic_route_configs = [] }) =>
    dynamic_route_configs.map(({ route_config }) => route_config),
  );
  const secrets = of('SecretsConfigDump');
  const secretsIn = (
    state: 'active' | 'warming',
    pick: (config: (typeof secrets)[number]) => { name: string }[] | undefined,
  ) => secrets.flatMap((config) => (pick(config) ?? []).map(({ name }) => ({ name, state })));
  return {
    pod,
    at: at.toISOString(),
    listeners: listeners.flatMap(({ address, filter_chains, state }) => {
      const port = address?.socket_address?.port_value;
      if (port === undefined) return [];
      const distinct = (values: readonly string[]) => [...new Set(values)];
      return [
        {
          port,
          state,
          routeConfigs: distinct(
            filter_chains.flatMap(({ filters }) =>
              filters.flatMap(({ typed_config }) => typed_config?.rds?.route_config_name ?? []),
            ),
          ),
          serverNames: distinct(filter_chains.flatMap((chain) => chain.filter_chain_match.server_names)),
          secrets: distinct(
            filter_chains.flatMap(({ transport_socket }) =>
              (transport_socket?.typed_config?.common_tls_context.tls_certificate_sds_secret_configs ?? []).map(
                ({ name }) => name,
              ),
            ),
          ),
        },
      ];
    }),
    routes: routeConfigs.flatMap(({ name, virtual_hosts }) =>
      virtual_hosts.flatMap(({ domains, require_tls, routes }) => {
        const domain = domains.find((candidate) => namesHost(candidate.replace(/:\d+$/, ''), host));
        if (domain === undefined) return [];
        const redirected = require_tls !== undefined && require_tls !== 'NONE';
        return [
          ...(redirected ? [{ routeConfig: name, domain, match: 'everything', target: 'redirect to https' }] : []),
          ...routes.map((each) => ({ routeConfig: name, domain, match: matchOf(each), target: targetOf(each) })),
        ];
      }),
    ),
    secrets: [
      ...secretsIn('active', ({ dynamic_active_secrets }) => dynamic_active_secrets),
      ...secretsIn('warming', ({ dynamic_warming_secrets }) => dynamic_warming_secrets),
    ],
  };
}

function parse(dump: string): z.infer<typeof configDump> {
  let json: unknown;
  try {
    json = JSON.parse(dump);
  } catch {
    // The error of JSON.parse quotes its input, which may hold a key.
    throw new Error("Envoy's config dump is not JSON.");
  }
  const parsed = configDump.safeParse(json);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(`Envoy's config dump is not as expected at ${at === '' ? 'its top' : at}.`);
}

function matchOf({ match }: Route): string {
  const kinds = { path: 'exact', prefix: 'prefix', path_separated_prefix: 'prefix', safe_regex: 'regex' } as const;
  for (const [field, kind] of Object.entries(kinds)) {
    const value = match[field];
    if (typeof value === 'string') return `${kind} ${value}`;
    if (typeof value === 'object' && value !== null && 'regex' in value) return `${kind} ${String(value.regex)}`;
  }
  return 'something else';
}

function targetOf({ route: forward, redirect, direct_response }: Route): string {
  if (redirect !== undefined) {
    const toHttps = redirect.https_redirect === true || redirect.scheme_redirect === 'https';
    return `redirect to ${toHttps ? 'https' : 'another place'}`;
  }
  if (direct_response !== undefined) return `direct response ${direct_response.status}`;
  return forward?.cluster ?? (forward?.weighted_clusters === undefined ? 'nowhere' : 'several clusters');
}

/** A gateway Pod to ask. */
interface GatewayPod {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Asks Envoy in each gateway Pod for its configuration, through Istio's agent, which every proxy image has (as
 * `istioctl proxy-config` does).
 *
 * @returns what could be read, and a sentence for each Pod that could not be asked
 */
export async function readGatewayConfigs(
  kube: KubeClient,
  pods: readonly GatewayPod[],
  host: string,
  signal?: AbortSignal,
): Promise<{ configs: GatewayConfig[]; problems: string[] }> {
  const configs: GatewayConfig[] = [];
  const problems: string[] = [];
  await Promise.all(
    pods.map(async ({ namespace, name }) => {
      const pod = `${namespace}/${name}`;
      try {
        const command = ['pilot-agent', 'request', 'GET', 'config_dump'] as const;
        const at = new Date();
        const { stdout, stderr, exitCode } = await execInPod(kube, {
          ...{ namespace, pod: name, container: proxyContainer, command: [...command], withinMs: dumpWithinMs, signal },
        });
        if (exitCode !== 0) throw new Error(stderr.trim().split('\n').at(-1));
        configs.push(gatewayConfigOf(stdout, pod, host, at));
      } catch (error) {
        signal?.throwIfAborted();
        const reason = messageOf(error).replace(/\.$/, '');
        problems.push(`The configuration of the gateway Pod ${pod} could not be read (${reason}).`);
      }
    }),
  );
  return { configs, problems };
}
