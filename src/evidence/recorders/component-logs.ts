import { messageOf } from '../../error-message.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { ComponentLog } from '../evidence.ts';
import { lineScrubber } from '../redaction.ts';
import { tellingLines } from './telling-lines.ts';

/** The controllers whose logs explain why an issuance or its serving stalls, by a label of their Pods. */
const controllers = [
  {
    labelSelector: 'app.kubernetes.io/component=controller,app.kubernetes.io/name=cert-manager',
    container: 'cert-manager-controller',
  },
  { labelSelector: 'app=istiod', container: 'discovery' },
] as const;

const mostLines = 40;
/** What a controller that logs every step writes in a minute is far below this. */
const tailLines = 20_000;

/** What has Pods and their logs. */
type LogSource = Pick<KubeClient, 'list' | 'podLogs'>;

export interface LogRequest {
  readonly since: Date;
  /** Names of objects and hosts: lines that have none of them are left out. An empty one names nothing. */
  readonly about: readonly string[];
  /** Namespaces: of too many lines, those that name one of them are kept first. */
  readonly near?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * The most telling lines of cert-manager's and istiod's logs that name an object or the host of an issuance, without secrets.
 *
 * @returns what could be read, and a sentence for each log that could not
 */
export async function readComponentLogs(
  kube: LogSource & { readonly istio: LogSource | null },
  { since, about, near = [], signal }: LogRequest,
): Promise<{ logs: ComponentLog[]; problems: string[] }> {
  const words = about.filter((word) => word !== '');
  const logs: ComponentLog[] = [];
  const problems: string[] = [];
  const failed = (what: string, error: unknown) => {
    signal?.throwIfAborted();
    problems.push(`${what} could not be read (${(messageOf(error)).replace(/\.$/, '')}).`);
  };
  await Promise.all(
    controllers.map(async ({ labelSelector, container }) => {
      try {
        const api = container === 'discovery' ? (kube.istio ?? kube) : kube;
        const pods = await api.list({ apiVersion: 'v1', kind: 'Pod', labelSelector }, signal);
        await Promise.all(
          pods.map(async ({ metadata: { namespace = '', name } }) => {
            const source = `${namespace}/${name}`;
            const isAbout = (line: string) => words.some((word) => line.includes(word));
            const scrub = lineScrubber(undefined, isAbout);
            const lines: string[] = [];
            try {
              const options = { sinceTime: since, tailLines, ...(signal === undefined ? {} : { signal }) };
              for await (const raw of api.podLogs(namespace, name, container, options)) {
                const line = scrub(raw);
                if (isAbout(line)) lines.push(line);
              }
              if (lines.length > 0) logs.push({ source, lines: [...tellingLines(lines, { most: mostLines, near })] });
            } catch (error) {
              failed(`The log of Pod ${source}`, error);
            }
          }),
        );
      } catch (error) {
        failed(`The Pods with ${labelSelector}`, error);
      }
    }),
  );
  return { logs: logs.toSorted((a, b) => a.source.localeCompare(b.source)), problems };
}
