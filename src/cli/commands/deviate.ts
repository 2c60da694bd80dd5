import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { deviations } from '../../acme/catalogue/catalogue.ts';
import { NoAnswerError } from '../../acme/client/transport.ts';
import { startDeviantServer } from '../../acme/deviations/deviant-server.ts';
import type { Deviation } from '../../acme/deviations/deviation.ts';
import { didYouMean } from '../../closest-name.ts';
import { UserError } from '../../user-error.ts';
import { trustedRootsOf } from '../options/trusted-roots.ts';
import type { CommandContext } from './command-context.ts';

export interface DeviateOptions {
  readonly upstream?: string;
  readonly upstreamCa?: string;
  /** `host:port` or `[address]:port`. */
  readonly listen: string;
  readonly tlsCertificateOut?: string;
  readonly list: boolean;
  readonly json: boolean;
}

/** `padlock deviate`: serves a CA with one deviation until it is stopped, which is its right end. */
export async function deviate(
  name: string | undefined,
  options: DeviateOptions,
  context: CommandContext,
): Promise<number> {
  if (options.list && name !== undefined) {
    throw new UserError(`Pass either a deviation or --list, not both. padlock deviate --list lists all.`);
  }
  if (options.list) return list(options.json);
  if (options.json) throw new UserError('--json prints the list as JSON: add --list.');
  const deviation = deviationOf(name);
  const { host, port } = listenAddress(options.listen);
  const upstream = upstreamUrl(options.upstream);
  const trustedRoots = await trustedRootsOf('--upstream-ca', options.upstreamCa);
  await using server = await startDeviantServer({
    ...{ deviation, upstream, trustedRoots, host, port },
    onProblem: (problem) => void process.stderr.write(`${problem}\n`),
  }).catch((cause: unknown) => {
    throw cause instanceof NoAnswerError
      ? new UserError(`--upstream: ${cause.message}`, { exitCode: 3, cause })
      : cause;
  });
  if (options.tlsCertificateOut === undefined) process.stdout.write(server.certificate);
  else await writeCertificate(options.tlsCertificateOut, server.certificate);
  process.stdout.write(`${server.directoryUrl}\n`);
  process.stderr.write(`${deviation.describes} Checks that fail: ${deviation.breaks.join(', ')}. Stop with Ctrl-C.\n`);
  if (!context.signal.aborted) await once(context.signal, 'abort');
  return 0;
}

function deviationOf(name: string | undefined): Deviation {
  if (name === undefined) throw new UserError('Name a deviation. padlock deviate --list lists them.');
  const found = deviations.find((one) => one.name === name);
  if (found) return found;
  const known = deviations.map((one) => one.name);
  throw new UserError(`Unknown deviation '${name}'${didYouMean(name, known)}. 'padlock deviate --list' lists all.`);
}

function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new UserError(`--listen ${text} is not HOST:PORT, e.g. 127.0.0.1:14000 or [::1]:14000.`);
  }
  return { host, port };
}

function upstreamUrl(text: string | undefined): string {
  if (text === undefined) throw new UserError('Pass the directory URL of the upstream CA with --upstream.');
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:') throw new UserError(`--upstream ${text} is not an https URL.`);
  if (url.username !== '' || url.password !== '') {
    throw new UserError('--upstream contains a user or password, which ACME does not use.');
  }
  return url.href;
}

async function writeCertificate(file: string, certificate: string): Promise<void> {
  await writeFile(file, certificate).catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`Cannot write --tls-certificate-out ${file} (${cause.code ?? cause.message}).`, { cause });
  });
}

function list(json: boolean): number {
  if (json) {
    const described = deviations.map(({ apply: _, ...deviation }) => deviation);
    process.stdout.write(`${JSON.stringify(described, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(...deviations.map(({ name }) => name.length));
  for (const { name, describes, rfc, section } of deviations) {
    process.stdout.write(`${name.padEnd(width)}  ${describes} (RFC ${rfc} section ${section})\n`);
  }
  return 0;
}
