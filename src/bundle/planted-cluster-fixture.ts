import { ApiServerFixture, refuse, send } from '../kube/api-server-fixture.ts';
import type { Resource } from '../kube/discovery.ts';
import type { ExecEnd, ExecRequest } from '../kube/exec.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { type Canaries, secretManifest, secretTexts } from './canaries-fixture.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A fake cluster, and what its containers answer and log. */
export interface PlantedCluster extends AsyncDisposable {
  readonly server: ApiServerFixture;
  readonly objects: readonly KubeObject[];
  /** What stands in the environment's own log. */
  readonly environmentLog: string;
  exec(client: unknown, request: ExecRequest): Promise<ExecEnd>;
}

const kinds: readonly (readonly [apiVersion: string, kind: string, plural: string, namespaced: boolean])[] = [
  ['v1', 'Pod', 'pods', true],
  ['v1', 'Service', 'services', true],
  ['v1', 'ConfigMap', 'configmaps', true],
  ['v1', 'Secret', 'secrets', true],
  ['v1', 'Event', 'events', true],
  ['v1', 'Node', 'nodes', false],
  ['v1', 'Namespace', 'namespaces', false],
  ['apps/v1', 'Deployment', 'deployments', true],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses', true],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', false],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', false],
  ['cert-manager.io/v1', 'Certificate', 'certificates', true],
  ['cert-manager.io/v1', 'ClusterIssuer', 'clusterissuers', false],
  ['acme.cert-manager.io/v1', 'Challenge', 'challenges', true],
  ['networking.istio.io/v1', 'VirtualService', 'virtualservices', true],
  ['networking.istio.io/v1alpha3', 'EnvoyFilter', 'envoyfilters', true],
  ['security.istio.io/v1', 'RequestAuthentication', 'requestauthentications', true],
  ['gateway.networking.k8s.io/v1', 'Gateway', 'gateways', true],
];

/** A cluster with a secret in every place that can hold one. */
export async function plantedCluster(canaries: Canaries): Promise<PlantedCluster> {
  const resources: Resource[] = kinds.map(([apiVersion, kind, plural, namespaced]) => ({
    apiVersion,
    kind,
    plural,
    namespaced,
  }));
  const server = await ApiServerFixture.start(...resources);
  const objects = plantedObjects(canaries);
  for (const object of objects) server.put(object);
  const logs = new Map(
    ['false', 'true'].map((previous) => [previous, plantedLog(canaries, `log, previous ${previous}`)]),
  );
  const groups = [...new Set(kinds.map(([apiVersion]) => apiVersion).filter((version) => version.includes('/')))];
  server.overrides.push((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (url.pathname === '/version') send(response, 200, { gitVersion: 'v1.0.0', platform: 'linux/amd64' });
    else if (url.pathname === '/apis') {
      const names = [...new Set(groups.map((version) => version.split('/')[0]))];
      const versionsOf = (name: string | undefined) => groups.filter((version) => version.startsWith(`${name}/`));
      const list = names.map((name) => ({
        name,
        versions: versionsOf(name).map((groupVersion) => ({ groupVersion })),
      }));
      send(response, 200, { groups: list });
    } else if (url.pathname.endsWith('/log')) {
      response.end(logs.get(url.searchParams.get('previous') ?? 'false'));
    } else if (url.pathname.endsWith('/namespaces')) {
      refuse(response, 403, 'Forbidden', `no: Authorization: Bearer ${canaries.at('the API server in a refusal')}`);
    } else return false;
    return true;
  });
  const answers = new Map([
    ['config_dump?include_eds', configDump(canaries)],
    ['clusters', secretTexts(canaries, 'clusters').join('\n')],
    ['listeners', `0.0.0.0:443 password=${canaries.at('listeners')}\n`],
    ['certs', JSON.stringify({ certificates: [{ private_key: canaries.at('certs') }] })],
    ['/debug/syncz', JSON.stringify([{ proxy: 'a', token: canaries.at('proxy status') }])],
  ]);
  return {
    server,
    objects,
    environmentLog: plantedLog(canaries, 'environment log'),
    async exec(_client, { command }) {
      const request = command.at(-1) ?? '';
      const stdout = answers.get(request);
      if (stdout !== undefined) return { stdout, stderr: '', exitCode: 0 };
      return { stdout: '', stderr: `failed: password=${canaries.at(`stderr of ${request}`)}`, exitCode: 1 };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A log that begins inside a key, as a rotated file may, and holds each notation twice: plain and as another program's words. */
function plantedLog(canaries: Canaries, where: string): string {
  const cut = canaries.block(`${where}, at its beginning`, '').split('\n').slice(1);
  const texts = secretTexts(canaries, where);
  const block = `stringData:\n  any: ${canaries.at(`${where}: Secret in YAML`)}\n  more:\n    deep: ${canaries.at(`${where}: deep`)}\n`;
  return [...cut, 'an ordinary line', ...texts, block, 'the last line', ''].join('\n');
}

function plantedObjects(canaries: Canaries): KubeObject[] {
  const at = (what: string) => canaries.at(what);
  const texts = (where: string) => [...secretTexts(canaries, where), secretManifest(canaries, where)];
  const entries = (where: string) => Object.fromEntries(texts(where).map((text, index) => [`file-${index}`, text]));
  const metadata = (kind: string, name: string, namespaced = true) => ({
    name,
    ...(namespaced ? { namespace: 'n' } : {}),
    labels: { app: 'a' },
    managedFields: [{ manager: at(`${kind} ${name}: managedFields`) }],
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
        stringData: { password: at(`${kind} ${name}: last-applied`) },
      }),
      'kapp.k14s.io/original': `{"any":"${at(`${kind} ${name}: kapp`)}"}`,
      'example.test/api-token': at(`${kind} ${name}: annotation by name`),
      ...Object.fromEntries(
        texts(`${kind} ${name}: annotation`).map((text, index) => [`example.test/a${index}`, text]),
      ),
    },
  });
  const secret = (name: string, type: string, data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type,
    metadata: metadata('Secret', name),
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
    stringData: { any: at(`Secret ${name}: stringData`) },
    unknown: at(`Secret ${name}: unknown field`),
  });
  const of = (apiVersion: string, kind: string, fields: Record<string, unknown>, namespaced = true): KubeObject => ({
    apiVersion,
    kind,
    metadata: metadata(kind, 'o', namespaced),
    ...fields,
    status: { conditions: texts(`${kind}: condition`).map((message) => ({ type: 'Ready', message })) },
  });
  const env = [
    { name: 'EAB_HMAC', value: at('env EAB_HMAC') },
    { name: 'CLIENT_CREDENTIALS', value: at('env CLIENT_CREDENTIALS') },
    { name: 'DB_PASSWD', value: at('env DB_PASSWD') },
    { name: 'TOKEN', value: at('env TOKEN') },
    ...texts('env').map((value, index) => ({ name: `PLAIN_${index}`, value })),
  ];
  const container = {
    name: 'c',
    env,
    args: ['--token', at('argument after its flag'), `--password=${at('argument')}`, ...texts('arguments')],
    command: ['sh', '-c', `curl -H 'Authorization: Basic ${base64(`u:${at('command')}`)}' x`],
    livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: at('header of a probe') }] } },
  };
  const status = (name: string) => ({
    name,
    restartCount: 1,
    state: { running: {}, waiting: { message: texts('container status').join('\n') } },
    lastState: { terminated: { message: `password: ${at('last state')}` } },
  });
  const pod = (name: string, labels: Record<string, string>, containerName: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata('Pod', name), labels },
    spec: { containers: [container], initContainers: [container], ephemeralContainers: [container] },
    status: { phase: 'Running', message: texts('Pod status').join('\n'), containerStatuses: [status(containerName)] },
  });
  const inline = (what: string) => ({
    inline_string: at(`${what}: inline_string`),
    inline_bytes: base64(at(`${what}: inline_bytes`)),
  });
  return [
    secret('opaque', 'Opaque', {
      password: at('Opaque'),
      'tls.crt': `not a certificate ${at('tls.crt of an Opaque Secret')}`,
    }),
    secret('tls', 'kubernetes.io/tls', {
      'tls.key': canaries.key('TLS Secret').pem,
      'tls.crt': canaries.key('key in tls.crt').pem,
    }),
    secret('token', 'kubernetes.io/service-account-token', { token: canaries.jwt('service account token') }),
    secret('docker', 'kubernetes.io/dockerconfigjson', {
      '.dockerconfigjson': `{"auths":{"r":{"auth":"${base64(`u:${at('dockerconfigjson')}`)}"}}}`,
    }),
    secret('basic', 'kubernetes.io/basic-auth', {
      username: at('basic-auth user'),
      password: at('basic-auth password'),
    }),
    secret('ssh', 'kubernetes.io/ssh-auth', { 'ssh-privatekey': canaries.block('ssh-auth', 'OPENSSH ') }),
    secret('bootstrap', 'bootstrap.kubernetes.io/token', { 'token-secret': at('bootstrap token') }),
    secret('eab', 'Opaque', { hmac: at('EAB') }),
    secret('tsig', 'Opaque', { 'tsig-secret-key': base64(at('TSIG')) }),
    secret('account', 'Opaque', { 'tls.key': canaries.block('ACME account key', 'RSA ') }),
    secret('helm', 'helm.sh/release.v1', { release: base64(at('Helm release')) }),
    of('v1', 'ConfigMap', {
      data: { ...entries('ConfigMap'), 'server.key': at('entry by name'), token: at('entry named token') },
      binaryData: { any: base64(at('binaryData')) },
    }),
    pod('ingress', { istio: 'ingressgateway' }, 'istio-proxy'),
    pod('istiod', { app: 'istiod' }, 'discovery'),
    of('v1', 'Service', { spec: { externalName: `https://u:${at('Service')}@example.test` } }),
    of('v1', 'Event', {
      type: 'Warning',
      reason: `password=${at('event reason')}`,
      message: texts('event message').join('\n'),
      involvedObject: { kind: 'Pod', name: 'ingress' },
      lastTimestamp: '2026-01-02T03:04:05Z',
    }),
    of('v1', 'Node', { spec: { providerID: `x://u:${at('Node')}@y` } }, false),
    of('apps/v1', 'Deployment', {
      spec: {
        template: {
          metadata: { annotations: { 'example.test/token': at('template annotation') } },
          spec: { containers: [container] },
        },
      },
    }),
    of('networking.k8s.io/v1', 'Ingress', { spec: { any: texts('Ingress') } }),
    of(
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      { webhooks: [{ clientConfig: { url: `https://u:${at('webhook')}@example.test` } }] },
      false,
    ),
    of(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      { spec: { versions: [{ name: 'v1', served: true, schema: { default: at('CustomResourceDefinition') } }] } },
      false,
    ),
    of('cert-manager.io/v1', 'Certificate', {
      spec: { privateKey: { algorithm: 'ECDSA' }, keystores: { jks: { password: at('keystore password') } } },
    }),
    of(
      'cert-manager.io/v1',
      'ClusterIssuer',
      {
        spec: {
          acme: {
            solvers: [
              {
                dns01: {
                  webhook: {
                    config: {
                      apiKey: at('webhook apiKey'),
                      tsigSecret: at('webhook tsigSecret'),
                      nested: { clientSecret: [at('list of secrets')] },
                    },
                  },
                },
              },
            ],
          },
        },
      },
      false,
    ),
    of('acme.cert-manager.io/v1', 'Challenge', {
      spec: { token: 'public-token', key: 'public-token.thumbprint', any: { password: at('Challenge') } },
    }),
    of('networking.istio.io/v1', 'VirtualService', {
      spec: {
        http: [
          {
            headers: {
              request: {
                set: { Authorization: at('header by name'), 'X-Api-Key': at('X-Api-Key'), Cookie: at('Cookie') },
              },
            },
          },
        ],
      },
    }),
    of('networking.istio.io/v1alpha3', 'EnvoyFilter', {
      spec: {
        configPatches: [
          {
            patch: {
              value: {
                typed_config: {
                  private_key: inline('EnvoyFilter'),
                  hmac_secret: inline('EnvoyFilter hmac_secret'),
                  token_secret: { sds: inline('EnvoyFilter any') },
                },
              },
            },
          },
        ],
      },
    }),
    of('security.istio.io/v1', 'RequestAuthentication', {
      spec: {
        jwtRules: [
          { jwks: JSON.stringify({ keys: [{ kty: 'EC', d: at('jwks') }] }) },
          { jwk: { kty: 'oct', k: at('JWK as a structure') } },
        ],
      },
    }),
    of('gateway.networking.k8s.io/v1', 'Gateway', {
      spec: { embedded: { kind: 'Secret', data: { any: base64(at('embedded Secret')) } }, any: texts('Gateway') },
    }),
  ];
}

function configDump(canaries: Canaries): string {
  const at = (what: string) => canaries.at(`config dump: ${what}`);
  const inline = (what: string) => ({
    inline_string: at(`${what} inline_string`),
    inline_bytes: base64(at(`${what} inline_bytes`)),
  });
  return JSON.stringify({
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump',
        bootstrap: {
          node: {
            metadata: { PROXY_CONFIG: { password: at('node metadata') }, JWT: canaries.jwt('config dump: node') },
          },
          static_resources: {
            clusters: [{ name: 'a', access_token: at('access_token'), url: `https://u:${at('URL')}@x` }],
          },
        },
      },
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.SecretsConfigDump',
        dynamic_active_secrets: [
          {
            name: 'default',
            secret: {
              tls_certificate: {
                certificate_chain: { inline_bytes: base64('public chain') },
                private_key: inline('private_key'),
                password: inline('password'),
              },
            },
          },
          { name: 'tickets', secret: { session_ticket_keys: { keys: [inline('ticket')] } } },
          { name: 'generic', secret: { generic_secret: { secret: inline('generic') } } },
        ],
      },
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump',
        filters: [
          { credentials: { client_id: 'a', token_secret: inline('token_secret'), hmac_secret: inline('hmac_secret') } },
          { private_key: at('private_key as a string'), hmac: at('hmac'), token: at('token'), secret: at('secret') },
          { request_headers_to_add: [{ header: { key: 'x', value: `Bearer ${at('header value')}` } }] },
          { request_headers_to_add: [{ header: { key: 'x-api-key', value: at('header by its key') } }] },
          {
            lua: {
              inline_code: secretTexts(canaries, 'config dump: Lua').join('\n'),
              source_code: inline('source code'),
            },
          },
          ...secretTexts(canaries, 'config dump: text').map((text) => ({ any: text })),
        ],
      },
    ],
  });
}
