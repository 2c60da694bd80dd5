import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { textOfOption } from '../../option-file.ts';
import { schemaProblem } from '../../schema-problem.ts';
import { UserError } from '../../user-error.ts';

/** The inputs of kind's configuration (kind.x-k8s.io/v1alpha4). */
interface ConfigurationRequest {
  /** The text of the user's configuration, which is the base of this one; null for none. */
  readonly base: string | null;
  /** The base's file, for messages. */
  readonly baseFile: string;
  /** Null for the image that the kind CLI itself pins. */
  readonly nodeImage: string | null;
  /** A folder of this machine with containerd's hosts.toml files (its docs/hosts.md); null for none. */
  readonly registryHosts: string | null;
  /** Whether the container engine uses cgroup v1, which the kubelet accepts only with a setting. */
  readonly cgroupV1: boolean;
}

const nodeSchema = z.looseObject({
  role: z.string().optional(),
  image: z.string().optional(),
  extraMounts: z.array(z.unknown()).optional(),
});
const configurationSchema = z.looseObject({
  kind: z.literal('Cluster'),
  apiVersion: z.literal('kind.x-k8s.io/v1alpha4'),
  name: z.string().optional(),
  nodes: z.array(nodeSchema).min(1).optional(),
  kubeadmConfigPatches: z.array(z.string()).optional(),
  containerdConfigPatches: z.array(z.string()).optional(),
});

const hostsFolder = '/etc/containerd/certs.d';

/** Creates the configuration of a cluster. @throws UserError (2) if the base is not a kind configuration */
export function kindConfiguration(request: ConfigurationRequest): string {
  const { name: _, ...base } = request.base === null ? emptyConfiguration : baseConfiguration(request);
  const nodes = base.nodes ?? [{ role: 'control-plane' }];
  return stringify({
    ...base,
    nodes: nodes.map((node) => ({
      ...node,
      ...(request.nodeImage === null ? {} : { image: request.nodeImage }),
      ...(request.registryHosts === null
        ? {}
        : {
            extraMounts: [
              ...(node.extraMounts ?? []),
              { hostPath: request.registryHosts, containerPath: hostsFolder, readOnly: true },
            ],
          }),
    })),
    kubeadmConfigPatches: [
      ...(base.kubeadmConfigPatches ?? []),
      ...(request.cgroupV1 ? [stringify({ kind: 'KubeletConfiguration', failCgroupV1: false })] : []),
    ],
    containerdConfigPatches: [
      ...(base.containerdConfigPatches ?? []),
      ...(request.registryHosts === null
        ? []
        : [`[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "${hostsFolder}"\n`]),
    ],
  });
}

/** The text of `--kind-config`. @throws UserError (2) if the file cannot be read or is not a kind configuration */
export async function readKindConfiguration(file: string): Promise<string> {
  const base = await textOfOption('--kind-config', file);
  baseConfiguration({ base, baseFile: file });
  return base;
}

type Configuration = z.infer<typeof configurationSchema>;

const emptyConfiguration: Configuration = { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' };

function baseConfiguration({ base, baseFile }: Pick<ConfigurationRequest, 'base' | 'baseFile'>): Configuration {
  try {
    return configurationSchema.parse(parse(base ?? ''));
  } catch (error) {
    const reason = error instanceof z.ZodError ? schemaProblem(error) : String(error).split('\n')[0];
    throw new UserError(`${baseFile} is not a configuration of kind (kind.x-k8s.io/v1alpha4): ${reason}.`);
  }
}

/** hosts.toml for every registry: pulls try the mirror first (containerd's docs/hosts.md, `_default`). */
export function registryHosts(mirror: string): string {
  return `[host.${JSON.stringify(mirror.replace(/\/$/, ''))}]\n  capabilities = ["pull", "resolve"]\n`;
}

/** The name of an image on a mirror: the mirror's host replaces the image's registry. */
export function mirroredImage(image: string, mirror: string): string {
  const [first = '', ...rest] = image.split('/');
  const isRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const path = isRegistry ? rest.join('/') : rest.length === 0 ? `library/${first}` : image;
  return `${new URL(mirror).host}/${path}`;
}

/** The kind project's published node image for a Kubernetes version. */
export function nodeImageOf(kubernetesVersion: string): string {
  return `docker.io/kindest/node:v${kubernetesVersion.replace(/^v/, '')}`;
}
