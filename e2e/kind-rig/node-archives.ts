/**
 * Writes the images that a node image of kind carries, made of components that are built: what kubeadm's static Pods run, and
 * CoreDNS, kube-proxy and the sandbox. `node e2e/kind-rig/node-archives.ts <folder> <name of an image>…`
 */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { buildComponents } from '../../src/components/index.ts';
import { type ImageRecipe, writeOciImage } from '../../src/components/oci-image.ts';
import { runToEnd } from '../../src/run-to-end.ts';

const [folder = '', ...names] = process.argv.slice(2);
const components = await buildComponents({
  only: ['kubernetes', 'etcd', 'coredns', 'pause'],
  signal: new AbortController().signal,
  onProgress: () => {},
});

/** Files of this machine at the same paths in the image, with the libraries they load. */
async function withLibraries(files: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of files) {
    found[file] = await realpath(file);
    const said = await runToEnd('ldd', [file]).catch(() => '');
    for (const [, library = ''] of said.matchAll(/(?:=>\s*)?(\/\S+)\s+\(0x/g)) found[library] = await realpath(library);
  }
  return found;
}

const plugins = async () =>
  (await runToEnd('find', ['/usr/lib/x86_64-linux-gnu/xtables', '-name', '*.so'])).trim().split('\n');

/** What kube-proxy calls, under all the names it calls it by. */
async function kubeProxyTools(): Promise<Record<string, string>> {
  const tools = await withLibraries(['/usr/sbin/nft', '/usr/sbin/xtables-nft-multi', ...(await plugins())]);
  const multi = await realpath('/usr/sbin/xtables-nft-multi');
  for (const family of ['iptables', 'ip6tables']) {
    for (const tool of ['', '-save', '-restore']) tools[`/usr/sbin/${family}${tool}`] = multi;
  }
  return tools;
}

async function recipeOf(name: string): Promise<ImageRecipe> {
  const repository = name.slice(0, name.lastIndexOf(':'));
  const part = repository.slice(repository.lastIndexOf('/') + 1);
  if (part === 'pause') {
    return { name, files: { '/pause': components.binary('pause') }, entrypoint: ['/pause'], user: '65535:65535' };
  }
  if (part === 'coredns') {
    return { name, files: { '/coredns': components.binary('coredns') }, entrypoint: ['/coredns'], user: '0:0' };
  }
  return {
    name,
    files: {
      [`/usr/local/bin/${part}`]: components.binary(part),
      ...(part === 'kube-proxy' ? await kubeProxyTools() : {}),
    },
    entrypoint: [`/usr/local/bin/${part}`],
    user: '0:0',
  };
}

await mkdir(folder, { recursive: true });
for (const name of names) {
  const recipe = await recipeOf(name);
  const file = `${recipe.name.slice(recipe.name.lastIndexOf('/') + 1).replace(':', '-')}.tar`;
  await writeOciImage(recipe, join(folder, file));
}
