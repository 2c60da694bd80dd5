import { describe, expect, test } from 'vitest';
import { evidenceSchema } from '../evidence.ts';
import { gatewayConfigOf } from './gateway-config.ts';

const host = 'shop.example.test';
const pod = 'istio-system/istio-ingressgateway-6d9f8c7b54-x2x7q';
const at = new Date('2026-11-24T09:00:30.000Z');
/** Stands in the dump wherever Envoy has room for something secret. */
const canary = 'canary-8c41f0';

type Json = Record<string, unknown>;

const type = (name: string) => `type.googleapis.com/envoy.${name}`;

function httpFilter(routeConfig: string): Json {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
      rds: { config_source: { ads: {}, initial_fetch_timeout: '0s' }, route_config_name: routeConfig },
      http_filters: [{ name: 'oauth2', typed_config: { hmac_secret: { inline_string: canary } } }],
      request_id_extension: { typed_config: { note: canary } },
    },
  };
}

function tlsChain(serverName: string, secret: string, routeConfig: string): Json {
  return {
    filter_chain_match: { server_names: [serverName], transport_protocol: 'tls' },
    filters: [{ name: 'istio.stats' }, httpFilter(routeConfig)],
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: {
        '@type': type('extensions.transport_sockets.tls.v3.DownstreamTlsContext'),
        common_tls_context: {
          tls_certificate_sds_secret_configs: [{ name: secret, sds_config: { ads: {} } }],
          tls_certificates: [{ private_key: { inline_string: canary } }],
        },
        session_ticket_keys: { keys: [{ inline_bytes: canary }] },
      },
    },
  };
}

function listener(port: number, filterChains: readonly Json[]): Json {
  return {
    '@type': type('config.listener.v3.Listener'),
    name: `0.0.0.0_${port}`,
    address: { socket_address: { address: '0.0.0.0', port_value: port } },
    filter_chains: filterChains,
    access_log: [{ typed_config: { note: canary } }],
  };
}

function virtualHost(domains: readonly string[], routes: readonly Json[], more: Json = {}): Json {
  return { name: domains[0], domains, routes, request_headers_to_add: [{ header: { value: canary } }], ...more };
}

const toCluster = (match: Json, cluster: string): Json => ({
  match,
  route: { cluster, hash_policy: [{ cookie: { name: canary } }] },
  metadata: { filter_metadata: { istio: { config: canary } } },
});

function routeConfig(name: string, virtualHosts: readonly Json[]): Json {
  return { route_config: { '@type': type('config.route.v3.RouteConfiguration'), name, virtual_hosts: virtualHosts } };
}

const key = {
  tls_certificate: { private_key: { inline_bytes: canary }, certificate_chain: { inline_bytes: 'Q0VSVA==' } },
};

function dump(parts: { listeners?: Json[]; routes?: Json[]; active?: Json[]; warming?: Json[] } = {}): string {
  const { listeners = [], routes = [], active = [], warming = [] } = parts;
  return JSON.stringify({
    configs: [
      { '@type': type('admin.v3.BootstrapConfigDump'), bootstrap: { node: { metadata: { TOKEN: canary } } } },
      { '@type': type('admin.v3.ClustersConfigDump'), dynamic_active_clusters: [{ cluster: { name: canary } }] },
      {
        '@type': type('admin.v3.ListenersConfigDump'),
        static_listeners: [{ listener: listener(15_090, []) }],
        dynamic_listeners: listeners,
      },
      {
        '@type': type('admin.v3.RoutesConfigDump'),
        static_route_configs: [routeConfig('static', [virtualHost(['*'], [])])],
        dynamic_route_configs: routes,
      },
      {
        '@type': type('admin.v3.SecretsConfigDump'),
        dynamic_active_secrets: active,
        dynamic_warming_secrets: warming,
      },
    ],
  });
}

const read = (text: string) => gatewayConfigOf(text, pod, host, at);

/** What is read of routes of one virtual host that stands for the host. */
const targets = (...routes: Json[]) =>
  read(dump({ routes: [routeConfig('http.8080', [virtualHost([host], routes)])] })).routes.map(
    ({ match, target }) => `${match} -> ${target}`,
  );

describe('gatewayConfigOf', () => {
  test('reads listeners, active and warming, with what they ask for', () => {
    const text = dump({
      listeners: [
        { name: '0.0.0.0_8080', active_state: { listener: listener(8080, [{ filters: [httpFilter('http.8080')] }]) } },
        {
          name: '0.0.0.0_8443',
          active_state: {
            listener: listener(8443, [
              tlsChain(host, 'kubernetes://shop-certs', 'https.443.shop'),
              tlsChain('blog.example.test', 'kubernetes://shop-certs', 'https.443.shop'),
            ]),
          },
          warming_state: {
            listener: listener(8443, [tlsChain(host, 'kubernetes://new-certs', 'https.443.new')]),
          },
        },
      ],
    });
    expect(read(text).listeners).toEqual([
      { port: 8080, state: 'active', routeConfigs: ['http.8080'], serverNames: [], secrets: [] },
      {
        port: 8443,
        state: 'active',
        routeConfigs: ['https.443.shop'],
        serverNames: [host, 'blog.example.test'],
        secrets: ['kubernetes://shop-certs'],
      },
      {
        port: 8443,
        state: 'warming',
        routeConfigs: ['https.443.new'],
        serverNames: [host],
        secrets: ['kubernetes://new-certs'],
      },
    ]);
  });

  test('leaves out listeners without a port, and those that have neither state', () => {
    const pipe = { ...listener(0, []), address: { pipe: { path: '/var/run/envoy.sock' } } };
    const text = dump({
      listeners: [{ active_state: { listener: pipe } }, { name: 'failed', error_state: { details: canary } }],
    });
    expect(read(text).listeners).toEqual([]);
  });

  test('reads the match and the destination of each route, in order', () => {
    const solver = 'outbound|8089||cm-acme-http-solver-abcde.istio-system.svc.cluster.local';
    expect(
      targets(
        toCluster({ path: '/.well-known/acme-challenge/token', case_sensitive: true }, solver),
        toCluster({ path_separated_prefix: '/shop' }, 'shop'),
        toCluster({ safe_regex: { google_re2: {}, regex: '/[a-z]+' } }, 'regex'),
        toCluster({ prefix: '/api', headers: [{ name: 'authorization', exact_match: canary }] }, 'api'),
        toCluster({ path_match_policy: { name: 'uri-template' } }, 'template'),
        { match: { prefix: '/split' }, route: { weighted_clusters: { clusters: [{ name: canary }] } } },
        { match: { prefix: '/nowhere' }, route: {} },
        { match: { prefix: '/' }, non_forwarding_action: {} },
      ),
    ).toEqual([
      `exact /.well-known/acme-challenge/token -> ${solver}`,
      'prefix /shop -> shop',
      'regex /[a-z]+ -> regex',
      'prefix /api -> api',
      'something else -> template',
      'prefix /split -> several clusters',
      'prefix /nowhere -> nowhere',
      'prefix / -> nowhere',
    ]);
  });

  test('tells a redirect to https, as Envoy and as the Gateway API write it, from others', () => {
    const match = { prefix: '/' };
    expect(
      targets(
        { match, redirect: { https_redirect: true } },
        { match, redirect: { scheme_redirect: 'https', port_redirect: 443 } },
        { match, redirect: { scheme_redirect: 'http' } },
        { match, redirect: { host_redirect: `${canary}.example.test` } },
      ),
    ).toEqual([
      'prefix / -> redirect to https',
      'prefix / -> redirect to https',
      'prefix / -> redirect to another place',
      'prefix / -> redirect to another place',
    ]);
  });

  test('tells a direct response by its status', () => {
    expect(
      targets({ match: { prefix: '/' }, direct_response: { status: 404, body: { inline_string: canary } } }),
    ).toEqual(['prefix / -> direct response 404']);
  });

  test.each(['ALL', 'EXTERNAL_ONLY'])('tells that a virtual host requires TLS (%s) before its routes', (requireTls) => {
    const routes = [toCluster({ prefix: '/' }, 'shop')];
    const text = dump({
      routes: [routeConfig('http.8080', [virtualHost([host], routes, { require_tls: requireTls })])],
    });
    expect(read(text).routes).toEqual([
      { routeConfig: 'http.8080', domain: host, match: 'everything', target: 'redirect to https' },
      { routeConfig: 'http.8080', domain: host, match: 'prefix /', target: 'shop' },
    ]);
  });

  test('does not take NONE for a requirement of TLS', () => {
    const virtualHosts = [virtualHost([host], [], { require_tls: 'NONE' })];
    expect(read(dump({ routes: [routeConfig('http.8080', virtualHosts)] })).routes).toEqual([]);
  });

  test('looks at the virtual hosts that stand for the host, with the domain by which they do', () => {
    const route = [toCluster({ prefix: '/' }, 'shop')];
    const text = dump({
      routes: [
        routeConfig('http.8080', [
          virtualHost(['blog.example.test', 'blog.example.test:*'], route),
          virtualHost(['www.example.org', `${host.toUpperCase()}:80`], route),
          virtualHost(['*.example.test'], route),
        ]),
        routeConfig('https.443', [virtualHost(['*'], route)]),
        routeConfig('empty', []),
      ],
    });
    expect(read(text).routes.map(({ routeConfig: name, domain }) => [name, domain])).toEqual([
      ['http.8080', 'SHOP.EXAMPLE.TEST:80'],
      ['http.8080', '*.example.test'],
      ['https.443', '*'],
    ]);
  });

  test('names the secrets, those that are there and those that Envoy waits for', () => {
    const secret = (name: string) => ({ name, version_info: '1', secret: { name, ...key } });
    const text = dump({
      active: [secret('default'), secret('kubernetes://shop-certs')],
      warming: [secret('kubernetes://new-certs')],
    });
    expect(read(text).secrets).toEqual([
      { name: 'default', state: 'active' },
      { name: 'kubernetes://shop-certs', state: 'active' },
      { name: 'kubernetes://new-certs', state: 'warming' },
    ]);
  });

  test('keeps nothing else of the dump, and matches the evidence schema', () => {
    const text = dump({
      listeners: [
        {
          active_state: { listener: listener(8443, [tlsChain(host, 'kubernetes://shop-certs', 'https.443')]) },
          error_state: { details: canary },
        },
      ],
      routes: [
        routeConfig('https.443', [
          virtualHost(
            [host],
            [
              toCluster({ prefix: '/', headers: [{ name: 'cookie', exact_match: canary }] }, 'shop'),
              { match: { prefix: '/' }, redirect: { path_redirect: `/${canary}` } },
              { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_bytes: canary } } },
            ],
          ),
        ]),
      ],
      active: [{ name: 'kubernetes://shop-certs', secret: key }],
    });
    const config = read(text);
    expect(JSON.stringify(config)).not.toContain(canary);
    expect(config).toMatchObject({ pod, at: at.toISOString() });
    expect(evidenceSchema.shape.gatewayConfigs.safeParse([config]).error).toBeUndefined();
  });

  test('reads a gateway without configuration', () => {
    const nothing = { pod, at: at.toISOString(), listeners: [], routes: [], secrets: [] };
    expect(read(dump())).toEqual(nothing);
    expect(read('{"configs":[]}')).toEqual(nothing);
  });

  test.each([
    ['{"configs":[{"private_key":canary-8c41f0}]}', "Envoy's config dump is not JSON."],
    [`no healthy upstream ${canary}`, "Envoy's config dump is not JSON."],
    ['', "Envoy's config dump is not JSON."],
    [`"${canary}"`, "Envoy's config dump is not as expected at its top."],
    [`{"configs":[{"@type":7,"key":"${canary}"}]}`, "Envoy's config dump is not as expected at configs.0.@type."],
    [
      dump({ active: [{ name: [canary] }] }),
      "Envoy's config dump is not as expected at configs.4.dynamic_active_secrets.0.name.",
    ],
  ])('refuses what is no config dump and quotes nothing of it: %#', (text, message) => {
    expect(() => read(text)).toThrow(new Error(message));
  });
});
