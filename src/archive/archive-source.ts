import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { EnvHttpProxyAgent, request } from 'undici';
import { messageOf } from '../error-message.ts';
import { fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';

/** Where an archive is read from. */
export interface ArchiveSource {
  /** How messages name it: the file or the URL, without what may be secret. */
  readonly title: string;
  /** Null if the server does not tell. */
  readonly bytes: number | null;
  readonly content: Readable;
}

/** Each limit is for one answer of the server: to the connection, to the request, and between two parts of the content. */
const limits = { connectMs: 10_000, answerMs: 30_000, silenceMs: 30_000 } as const;
const mostRedirects = 5;

export function isUrl(from: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(from);
}

/** A file or URL for messages and logs: without user, password and query, which may be secret. */
export function titleOf(from: string): string {
  if (!isUrl(from) || !URL.canParse(from)) return from;
  const url = new URL(from);
  return `${url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin}${url.pathname}`;
}

/**
 * Opens an archive: a file, or an http or https URL. Proxies are those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
 *
 * @throws UserError (2) for a file that cannot be read or an invalid URL, (3) for a server that does not answer or has no such archive
 */
export async function openArchive(from: string, signal: AbortSignal): Promise<ArchiveSource> {
  return isUrl(from) ? await openUrl(from, signal) : await openFile(from);
}

async function openFile(file: string): Promise<ArchiveSource> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error(found.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    const content = createReadStream(file, { highWaterMark: 2 ** 20 });
    await new Promise((resolve, reject) => content.once('open', resolve).once('error', reject));
    return { title: file, bytes: found.size, content };
  } catch (cause) {
    throw new UserError(`Cannot read the archive ${file}: ${fileErrorReason(cause)}.`, { cause });
  }
}

async function openUrl(from: string, signal: AbortSignal): Promise<ArchiveSource> {
  const title = titleOf(from);
  if (!URL.canParse(from)) throw new UserError(`The archive ${from} is neither a file nor a URL.`);
  let url = new URL(from);
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.answerMs,
    bodyTimeout: limits.silenceMs,
  });
  const { username, password } = url;
  // Only for the host that was named: a redirect may lead to a stranger.
  let headers: Record<string, string> =
    username === '' && password === ''
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
        };
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new UserError(`The archive ${title} cannot be fetched: its URL must begin with https:// or http://.`);
    }
    url.username = '';
    url.password = '';
    const answer = await request(url, { dispatcher, headers, signal }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new UserError(`The archive ${title} cannot be fetched: ${networkReason(cause)}.`, { exitCode: 3, cause });
    });
    const { statusCode, body } = answer;
    const location = answer.headers.location;
    if (
      [301, 302, 303, 307, 308].includes(statusCode) &&
      typeof location === 'string' &&
      URL.canParse(location, url.href)
    ) {
      await body.dump();
      const next = new URL(location, url);
      if (next.host !== url.host) headers = {};
      url = next;
      continue;
    }
    if (statusCode !== 200) {
      await body.dump();
      throw new UserError(`The archive ${title} cannot be fetched: the server answered ${statusCode}.`, {
        exitCode: 3,
      });
    }
    const length = Number(answer.headers['content-length']);
    return { title, bytes: Number.isSafeInteger(length) && length > 0 ? length : null, content: body };
  }
  throw new UserError(
    `The archive ${title} cannot be fetched: the server redirected more than ${mostRedirects} times.`,
    {
      exitCode: 3,
    },
  );
}

/** Why a connection failed, in words; undici's own messages name neither host nor cause. */
export function networkReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the server refuses connections',
    ECONNRESET: 'the server closed the connection',
    ENOTFOUND: 'its host name does not resolve',
    EAI_AGAIN: 'its host name could not be resolved',
    UND_ERR_CONNECT_TIMEOUT: `there was no connection within ${limits.connectMs / 1000} s`,
    UND_ERR_HEADERS_TIMEOUT: `the server did not answer within ${limits.answerMs / 1000} s`,
    UND_ERR_BODY_TIMEOUT: `the server sent nothing for ${limits.silenceMs / 1000} s`,
    UND_ERR_SOCKET: 'the server closed the connection',
    UND_ERR_ABORTED: 'the server closed the connection',
  };
  return words[code] ?? `${messageOf(error).replace(/\.$/, '')}${code === '' ? '' : ` (${code})`}`;
}
