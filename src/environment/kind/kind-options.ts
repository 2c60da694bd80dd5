import { parsedOption, textOption, type ValuesOf } from '../provider-option.ts';
import { certManagerOption, gatewayApiOption, onOption } from '../shared-options.ts';

const freshOnly = { freshOnly: true } as const;

/** @throws Error if the text is no version */
function kubernetesVersion(text: string): string {
  if (/^v?\d+\.\d+\.\d+$/.test(text)) return text;
  throw new Error('it must be a whole version, e.g. v1.37.2.');
}

/** @throws Error if the text is no URL of a registry */
function registryUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return text;
  throw new Error('it must be an http or https URL without a path, e.g. https://mirror.example.test.');
}

/** The options of a kind cluster. */
export const kindOptions = {
  ...onOption,
  kubernetes: parsedOption(
    '--kubernetes <version>',
    'the Kubernetes version of the node image, e.g. v1.37.2',
    kubernetesVersion,
    freshOnly,
  ),
  nodeImage: textOption('--node-image <image>', 'the node image', freshOnly),
  imageArchive: textOption(
    '--image-archive <folder>',
    'load the OCI archives of this folder instead of pulling images',
  ),
  registryMirror: parsedOption('--registry-mirror <url>', 'a registry that mirrors all others', registryUrl),
  provider: textOption('--provider <engine>', 'the container engine', { choices: ['docker', 'podman'] }),
  kindConfig: textOption('--kind-config <file>', 'a configuration to start from (kind.x-k8s.io/v1alpha4)', freshOnly),
  istio: textOption('--istio <version>', 'the version of Istio instead of the pinned one, e.g. 1.30.1', freshOnly),
  ...certManagerOption,
  ...gatewayApiOption,
} as const;

/** Why a kind cluster rejects options of other environments. */
export const kindRefusals = { ca: 'A kind environment runs Pebble.' } as const;

export type KindOptions = ValuesOf<typeof kindOptions>;
