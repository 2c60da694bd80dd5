import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseManifest, readManifest } from './manifests.ts';

const placeholder = (name: string) => `$\{${name}}`;
const object = (rest = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n${rest}`;

describe('parseManifest', () => {
  test('reads all documents, empty ones left out, and flattens lists', () => {
    const list = '{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: s}}]}';
    const text = `# nothing\n---\n${object()}---\n---\n${list}\n`;
    expect(parseManifest(text, 'a.yaml').map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap a',
      'Secret s',
    ]);
    expect(parseManifest('', 'a.yaml')).toEqual([]);
  });

  test('reads numbers and words as Kubernetes does', () => {
    const [read] = parseManifest(
      object('mode: 0644\non: on\ntime: 1:30\ndate: 2026-11-24\nversion: "1.10"\nbase: &b {x: 1}\nmerged: {<<: *b}\n'),
      'a.yaml',
    );
    expect(read).toMatchObject({
      mode: 0o644,
      time: '1:30',
      date: '2026-11-24',
      version: '1.10',
      merged: { x: 1 },
    });
    expect(JSON.stringify(read)).toContain('"true":true');
  });

  test('reads JSON', () => {
    expect(parseManifest('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}', 'a.json')).toHaveLength(1);
    expect(() => parseManifest('{', 'a.json')).toThrow(/^The manifest a\.json is not valid JSON: /);
  });

  test('fills placeholders, and YAML decides their types', () => {
    const [host, port] = [placeholder('host'), placeholder('port')];
    const text = object(`host: ${host}\nport: ${port}\nboth: "${host}:${port}"\n`);
    expect(parseManifest(text, 'a.yaml', { host: 'a.example.test', port: 443 })).toMatchObject([
      { host: 'a.example.test', port: 443, both: 'a.example.test:443' },
    ]);
    expect(parseManifest(text, 'a.yaml')).toMatchObject([{ host }]);
  });

  test('names an unknown placeholder with file and line', () => {
    const text = object(`x: ${placeholder('nmae')}\n`);
    expect(() => parseManifest(text, 'dir/a.yaml', { name: 'a', host: 'h' })).toThrow(
      `The placeholder ${placeholder('nmae')} in line 5 of dir/a.yaml has no value. Known placeholders: host, name.`,
    );
    expect(() => parseManifest(placeholder('toString'), 'a.yaml', {})).toThrow('Known placeholders: none.');
    expect(() => parseManifest(text, 'a.yaml', { nmae: 'a\nb: c' })).toThrow('has several lines');
  });

  test('names file and line of what is not YAML, and what is no object', () => {
    expect(() => parseManifest(`${object()}---\na: [1\n`, 'a.yaml')).toThrow(
      /^The manifest a\.yaml is not valid YAML: .+\(line \d\)\.$/s,
    );
    expect(() => parseManifest('apiVersion: v1\nkind: X\n', 'a.yaml')).toThrow(
      'The manifest a.yaml contains a document without apiVersion, kind or metadata.name: {"apiVersion":"v1","kind":"X"}.',
    );
  });
});

describe('readManifest', () => {
  test('reads a file, or says that it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'padlock-manifests-'));
    try {
      await writeFile(join(folder, 'a.yaml'), object());
      expect(await readManifest(join(folder, 'a.yaml'))).toHaveLength(1);
      await expect(readManifest(join(folder, 'b.yaml'))).rejects.toThrow(
        /^Cannot read the manifest \S+b\.yaml: no such file or folder \(ENOENT\)\.$/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
