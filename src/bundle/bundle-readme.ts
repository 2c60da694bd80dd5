import type { BundleFile } from './bundle-folder.ts';

interface ReadmeContents {
  readonly startedAt: string;
  readonly endedAt: string;
  /** What happened that it was collected for: a sentence, or null. */
  readonly reason: string | null;
  /** The API server's version; null if unknown. */
  readonly kubernetes: string | null;
  readonly namespaces: readonly string[] | null;
  readonly files: readonly BundleFile[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/** What the files of a bundle are, by how their paths begin. */
const parts = [
  ['objects/', 'objects/<group>/<Kind>/<namespace>.yaml', 'objects; `_cluster.yaml` contains the cluster-scoped ones'],
  ['events.txt', 'events.txt', 'the events of the cluster in order of time'],
  [
    'logs/',
    'logs/<namespace>/<pod>/<container>.log',
    'container logs; `.previous.log` is the log before the last restart',
  ],
  [
    'gateway/',
    'gateway/<pod>/',
    "answers of the gateway's Envoy: its configuration, clusters, listeners, certificates and statistics",
  ],
  [
    'proxy-status.json',
    'proxy-status.json',
    'the configuration that istiod sent to each proxy, and what was acknowledged (/debug/syncz)',
  ],
  ['environment-logs/', 'environment-logs/<component>.log', 'logs of the environment itself (not of Pods)'],
] as const;

/** The text of a bundle's README.md. */
export function readme({
  startedAt,
  endedAt,
  reason,
  kubernetes,
  namespaces,
  files,
  notes,
  problems,
}: ReadmeContents): string {
  const rows = parts.map(([prefix, shown, what]) => {
    const some = files.filter(({ path }) => path.startsWith(prefix));
    return `| \`${shown}\` | ${what} | ${some.length} | ${some.reduce((sum, { bytes }) => sum + bytes, 0)} |`;
  });
  return [
    '# Diagnostics bundle',
    '',
    ...(reason === null ? [] : [`What happened: ${reason}`, '']),
    `Collected by Padlock from ${startedAt} to ${endedAt}.`,
    `Kubernetes: ${kubernetes ?? 'not known'}. Namespaces: ${namespaces === null ? 'all' : namespaces.join(', ')}.`,
    '',
    'Secrets are redacted: of a Secret the bundle contains only its metadata, type, entry names and certificates.',
    'Everywhere else, keys, tokens, passwords and what looks like one are replaced by `[redacted]`.',
    'Host names, addresses and application logs are not hidden.',
    '',
    '| files | contents | number | bytes |',
    '|---|---|---:|---:|',
    ...rows,
    '| `index.json` | every file with its size and SHA-256 | 1 | |',
    '',
    '## Not collected',
    '',
    ...(problems.length === 0 ? ['Nothing failed.'] : problems.map((one) => `- ${one}`)),
    ...(notes.length === 0 ? [] : ['', '## Notes', '', ...notes.map((one) => `- ${one}`)]),
    '',
  ].join('\n');
}
