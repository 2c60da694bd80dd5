import { z } from 'zod';
import type { SolverRequest } from './evidence.ts';
import { scrubText } from './redaction.ts';

/** cert-manager's words for a request that got the key (pkg/issuer/acme/http/solver), as klog writes them. */
const answered = /"got successful challenge request, writing key"/;
const quoted = (name: string) => new RegExp(` ${name}=("(?:[^"\\\\]|\\\\.)*")`);
const [hostField, pathField] = [quoted('host'), quoted('path')];
const headersField = / headers=(\{.*\})\s*$/;
const headersSchema = z.record(z.string(), z.array(z.string()));

/**
 * Reads a line of a solver's log as a request that it answered with the key.
 *
 * @param source the Pod, namespace/name, and when the line was written (ISO 8601)
 * @returns undefined for any other line. Never throws.
 */
export function parseSolverLogLine(
  line: string,
  { pod, at }: { readonly pod: string; readonly at: string },
): SolverRequest | undefined {
  if (!answered.test(line)) return undefined;
  const [host, path] = [textOf(hostField, line), textOf(pathField, line)];
  if (host === null || path === null) return undefined;
  const headers = headersOf(headersField.exec(line)?.[1] ?? '');
  const userAgent = headers.get('user-agent')?.[0];
  return {
    ...{ at, pod, host: scrubText(host), path: scrubText(path) },
    userAgent: userAgent === undefined ? null : scrubText(userAgent),
    // Envoy adds headers of that name to what it forwards (Envoy's documentation, "HTTP header manipulation").
    throughEnvoy: [...headers.keys()].some((name) => name.startsWith('x-envoy-')),
  };
}

function textOf(field: RegExp, line: string): string | null {
  return z
    .string()
    .nullable()
    .catch(null)
    .parse(jsonOf(field.exec(line)?.[1] ?? ''));
}

function headersOf(text: string): ReadonlyMap<string, readonly string[]> {
  const headers = headersSchema.catch({}).parse(jsonOf(text));
  return new Map(Object.entries(headers).map(([name, values]) => [name.toLowerCase(), values]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
