import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { runToEnd } from '../run-to-end.ts';
import {
  conformanceNameServerVersion,
  corednsVersion,
  httpbinVersion,
  istioVersion,
  pauseVersion,
  standInFor,
} from './catalogue.ts';
import type { ImageRecipe } from './oci-image.ts';

const certificateBundle = '/etc/ssl/certs/ca-certificates.crt';

/** The tags under which the manifests of the Gateway API conformance suite request the same image. */
const echoTags = ['v1.5.1', 'v1.6.0-dev.2', 'v1.6.0-dev.3'] as const;

/** Source of the image contents: the path of a program or file by its name. */
export interface BuiltFiles {
  binary(name: string): string;
  file(name: string): string;
}

/** The shared libraries of a program on this machine, which its image must contain: path in the image → file. */
async function librariesOf(program: string): Promise<Record<string, string>> {
  const lines = (await runToEnd('ldd', [program])).split('\n');
  const paths = lines.flatMap((line) => /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1] ?? []);
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await realpath(path)])));
}

/**
 * The images of everything that runs in Pods, under upstream's names, so that upstream's manifests apply unchanged.
 *
 * @param besides optional components, by id, whose images are included, or in whose version they are
 */
export async function imageRecipes(
  built: BuiltFiles,
  besides: readonly string[] = [],
): Promise<readonly ImageRecipe[]> {
  const single = (name: string, path: string, program: string, user: string): ImageRecipe => ({
    name,
    files: { [path]: built.binary(program) },
    entrypoint: [path],
    user,
  });
  const { version: certManagerVersion } = standInFor('cert-manager', besides);
  return [
    single(`registry.k8s.io/pause:${pauseVersion}`, '/pause', 'pause', '65535:65535'),
    single(`docker.io/coredns/coredns:${corednsVersion.slice(1)}`, '/coredns', 'coredns', '0:0'),
    single(`docker.io/mccutchen/go-httpbin:${httpbinVersion}`, '/bin/go-httpbin', 'go-httpbin', '65534:65534'),
    ...['controller', 'webhook', 'cainjector', 'acmesolver'].map((part) =>
      single(
        `quay.io/jetstack/cert-manager-${part}:${certManagerVersion}`,
        `/app/cmd/${part}/${part}`,
        `cert-manager-${part}`,
        '1000:1000',
      ),
    ),
    {
      name: `docker.io/istio/pilot:${istioVersion}`,
      files: {
        '/usr/local/bin/pilot-discovery': built.binary('pilot-discovery'),
        [certificateBundle]: certificateBundle,
      },
      entrypoint: ['/usr/local/bin/pilot-discovery'],
      user: '1337:1337',
    },
    {
      name: `docker.io/istio/proxyv2:${istioVersion}`,
      files: {
        '/usr/local/bin/pilot-agent': built.binary('pilot-agent'),
        '/usr/local/bin/envoy': built.binary('envoy'),
        '/var/lib/istio/envoy/envoy_bootstrap_tmpl.json': built.file('envoy-bootstrap.json'),
        [certificateBundle]: certificateBundle,
        ...(await librariesOf(built.binary('envoy'))),
      },
      entrypoint: ['/usr/local/bin/pilot-agent'],
      user: '1337:1337',
    },
    ...(besides.includes('gateway-api-conformance')
      ? [
          ...echoTags.map((tag) =>
            single(`registry.k8s.io/gateway-api/echo-basic:${tag}`, '/echo-basic', 'echo-basic', '65532:65532'),
          ),
          single(
            `registry.k8s.io/coredns/coredns:${conformanceNameServerVersion}`,
            '/coredns',
            'conformance-name-server',
            '0:0',
          ),
        ]
      : []),
  ];
}

/** The key of an image: SHA-256 over its recipe and its files' content. @param digestOf the known digest of a built file */
export async function imageKey(recipe: ImageRecipe, digestOf: (file: string) => string | undefined): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([recipe.name, recipe.entrypoint, recipe.user, process.arch]));
  for (const [path, source] of Object.entries(recipe.files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const digest =
      digestOf(source) ??
      createHash('sha256')
        .update(await readFile(source))
        .digest('hex');
    hash.update(`\0${path}\0${digest}`);
  }
  return hash.digest('hex').slice(0, 32);
}
