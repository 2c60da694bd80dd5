import type { BundleFile } from './bundle-folder.ts';

interface ReadmeContents {
  readonly startedAt: string;
  readonly endedAt: string;
  /** The API server's version; null where it did not say. */
  readonly kubernetes: string | null;
  readonly namespaces: readonly string[] | null;
  readonly files: readonly BundleFile[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/** What the files of a bundle are, by how their paths begin. */
const parts = [
  [
    'objects/',
    'objects/<group>/<Kind>/<namespace>.yaml',
    'objects; `_cluster.yaml` has those that live in no namespace',
  ],
  ['events.txt', 'events.txt', 'the events of the cluster by time, the earliest first'],
  [
    'logs/',
    'logs/<namespace>/<pod>/<container>.log',
    'logs of containers; `.previous.log` is of the run before the last restart',
  ],
  [
    'gateway/',
    'gateway/<pod>/',
    "answers of the gateway's Envoy: its configuration, clusters, listeners, certificates and statistics",
  ],
  [
    'proxy-status.json',
    'proxy-status.json',
    'which configuration istiod has sent to each proxy, and which was acknowledged (/debug/syncz)',
  ],
  ['environment-logs/', 'environment-logs/<component>.log', 'logs of the environment itself, outside of Pods'],
] as const;

/** The text of a bundle's README.md. */
export function readme({ startedAt, endedAt, kubernetes, namespaces, files, notes, problems }: ReadmeContents): string {
  const rows = parts.map(([prefix, shown, what]) => {
    const some = files.filter(({ path }) => path.startsWith(prefix));
    return `| \`${shown}\` | ${what} | ${some.length} | ${some.reduce((sum, { bytes }) => sum + bytes, 0)} |`;
  });
  return [
    '# Diagnostics bundle',
    '',
    `Collected by Padlock from ${startedAt} to ${endedAt}.`,
    `Kubernetes: ${kubernetes ?? 'not known'}. Namespaces: ${namespaces === null ? 'all' : namespaces.join(', ')}.`,
    '',
    'Secrets are left out: of a Secret only its metadata, its type, the names of its entries and its certificates are',
    'kept, and what is or looks like a key, a token or a password stands as `[redacted]` everywhere else.',
    'Host names, addresses and what applications log of themselves are not hidden.',
    '',
    '| files | what they are | number | bytes |',
    '|---|---|---:|---:|',
    ...rows,
    '| `index.json` | every file with its size and SHA-256 | 1 | |',
    '',
    '## What could not be collected',
    '',
    ...(problems.length === 0 ? ['Nothing was refused, and nothing failed.'] : problems.map((one) => `- ${one}`)),
    ...(notes.length === 0 ? [] : ['', '## Notes', '', ...notes.map((one) => `- ${one}`)]),
    '',
  ].join('\n');
}
