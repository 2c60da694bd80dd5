import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cellPaths } from '../src/environment/cell/cell-paths.ts';
import { KubeClient } from '../src/kube/client.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import type { ResourceWatch } from '../src/kube/watch.ts';

/** Shorter values occur in other texts by chance. */
const shortest = 20;
/** Public parts of Secrets. */
const isPublic = /^(?:ca\.crt|tls\.crt|ca\.pem|root-cert\.pem|cert-chain\.pem|ca-cert\.pem|namespace)$/;
const keyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]*?)-----END/g;

/**
 * Every secret that a cell has while its tests run: each value of each Secret that ever was, the keys of its control plane, its kubeconfig
 * and its name server. Nothing that Padlock writes may contain one, as it is or in base64.
 */
export class SecretsOfCell implements AsyncDisposable {
  /** What it is, by the value. */
  readonly #places = new Map<string, string>();
  readonly #kube: KubeClient;
  readonly #watch: ResourceWatch;
  readonly #name: string;

  private constructor(name: string, kube: KubeClient) {
    this.#name = name;
    this.#kube = kube;
    this.#watch = this.#kube.watch(
      { apiVersion: 'v1', kind: 'Secret' },
      { onEvent: ({ object }) => this.#addSecret(object) },
    );
  }

  /** Begins to look, at a cell that is up. */
  static async watch(name: string): Promise<SecretsOfCell> {
    return new SecretsOfCell(name, await KubeClient.open({ path: cellPaths(name).kubeconfig }));
  }

  get count(): number {
    return this.#places.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    await this.#kube[Symbol.asyncDispose]();
  }

  /** @returns `file: what` for each secret in a folder of files, and in texts by their names */
  async foundIn(folders: readonly string[], texts: Readonly<Record<string, string>> = {}): Promise<string[]> {
    await this.#addFiles();
    const files = await Promise.all(
      folders.map(async (folder) => {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        return entries.flatMap((entry) => (entry.isFile() ? join(entry.parentPath, entry.name) : []));
      }),
    );
    const found = Object.entries(texts).flatMap(([name, text]) => this.#in(name, Buffer.from(text)));
    for (const file of files.flat()) found.push(...this.#in(file, await readFile(file)));
    return found;
  }

  #in(name: string, bytes: Buffer): string[] {
    const whole = bytes.toString('latin1');
    const joined = whole.replaceAll(/\s|\\+[nr]/g, '');
    return [...this.#places].flatMap(([value, what]) =>
      [value, ...shiftedBase64(value)].some((form) => whole.includes(form) || joined.includes(form))
        ? [`${name}: ${what}`]
        : [],
    );
  }

  #addSecret({ metadata, ...object }: KubeObject): void {
    const data = Reflect.get(object, 'data') as Readonly<Record<string, string>> | undefined;
    for (const [key, value] of Object.entries(data ?? {}))
      if (!isPublic.test(key))
        this.#add(
          Buffer.from(value, 'base64').toString('latin1'),
          `${key} of Secret ${metadata.namespace}/${metadata.name}`,
        );
  }

  async #addFiles(): Promise<void> {
    const { pki, outside, kubeconfig } = cellPaths(this.#name);
    const keys = (await readdir(pki)).filter((file) => file.endsWith('.key'));
    for (const file of keys) this.#add(await readFile(join(pki, file), 'latin1'), file);
    const [, tsig = ''] =
      /secret "([^"]+)"/.exec(await readFile(join(outside, 'etc-bind', 'update.key'), 'utf8')) ?? [];
    this.#add(tsig, 'the TSIG key');
    const [, clientKey = ''] = /client-key-data: "?(\S+?)"?\s/.exec(await readFile(kubeconfig, 'utf8')) ?? [];
    this.#add(Buffer.from(clientKey, 'base64').toString('latin1'), 'the key of the kubeconfig');
  }

  #add(value: string, what: string): void {
    const blocks = [...value.matchAll(keyBlock)].map(([, body = '']) => privateLine(body.trim().split(/\s+/)));
    const parts = blocks.length > 0 ? blocks : [value.trim()];
    // A certificate beside them is public.
    for (const part of parts)
      if (part.length >= shortest && !part.startsWith('-----BEGIN CERTIFICATE')) this.#places.set(part, what);
  }
}

/** A line of a key in PEM that is not public: a short one, of a curve, begins with the secret; the modulus of RSA comes before it. */
function privateLine(lines: readonly string[]): string {
  return lines.at(lines.length <= 4 ? 0 : -2) ?? '';
}

/** The base64 of a text wherever it begins within a group of three bytes, without what depends on its neighbours. */
function shiftedBase64(text: string): string[] {
  return [0, 1, 2].map((shift) =>
    Buffer.from(`${'\0'.repeat(shift)}${text}`, 'latin1')
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
}
