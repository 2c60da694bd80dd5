import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type BrowserContext, chromium, type Page, type Response } from 'playwright-core';
import { type BrowserPrograms, findBrowserPrograms } from '../../browser-programs.ts';
import { messageOf } from '../../error-message.ts';
import { certificateFacts } from '../certificate-facts.ts';
import type { BrowserProbe } from '../evidence.ts';
import { type Attempt, observe, withCode } from '../probes/probe-observation.ts';
import { endBrowserProcesses } from './browser-processes.ts';
import { makeBrowserHome } from './browser-profile.ts';
import type { BrowserRequest } from './browser-protocol.ts';
import { throughNetworkChanges } from './network-changes.ts';

type Answer = Extract<BrowserProbe['outcome'], { status: unknown }>;

/** The fields used here of the DevTools event Security.visibleSecurityStateChanged. */
interface VisibleSecurityState {
  readonly securityState: Answer['securityState'];
  readonly certificateSecurityState?: CertificateSecurityState;
}

interface CertificateSecurityState {
  readonly protocol: string;
  /** Empty in TLS 1.3, which negotiates a group instead. */
  readonly keyExchange: string;
  readonly keyExchangeGroup?: string;
  readonly cipher: string;
  /** The chain in DER, base64, leaf first. */
  readonly certificate: string[];
  readonly subjectName: string;
  readonly issuer: string;
  /** Seconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** The result of one visit. */
export interface BrowserVisit {
  readonly probe: BrowserProbe;
  /** A PNG of the page, without the browser's own frame; null if not requested, or if the page did not load. */
  readonly screenshot: Buffer | null;
}

interface Visit {
  readonly request: BrowserRequest;
  readonly programs: BrowserPrograms;
  /** Ends with the visit, however that ends. */
  readonly signal: AbortSignal;
  /** What is closed once the visit has ended, last first. */
  readonly opened: AsyncDisposableStack;
  browser: string | null;
  screenshot: Buffer | null;
  /** How often the network of the machine changed during a navigation. */
  networkChanges: number;
}

const viewport = { width: 1280, height: 800 };

/**
 * Opens a page in a headless browser with a fresh profile that trusts the given roots and nothing more. A page that
 * does not come is an outcome, not an error. When this settles, the browser has ended and its profile is removed.
 *
 * @param interrupted ends the visit early
 */
export async function visitPage(request: BrowserRequest, interrupted: AbortSignal): Promise<BrowserVisit> {
  const { name, url, trust, withinMs } = request;
  const asked = { kind: 'browser' as const, name, url, trust };
  const programs = await findBrowserPrograms();
  if (typeof programs === 'string') {
    const outcome = { unavailable: programs };
    const probe = { ...asked, at: new Date().toISOString(), durationMs: 0, browser: null, outcome };
    return { probe, screenshot: null };
  }
  const over = new AbortController();
  await using opened = new AsyncDisposableStack();
  const signal = AbortSignal.any([over.signal, interrupted]);
  const visit: Visit = { request, programs, signal, opened, browser: null, screenshot: null, networkChanges: 0 };
  let working: Promise<Answer> | undefined;
  const observation = await observe(withinMs, (attempt) => {
    working = look(visit, attempt);
    return working;
  });
  // At the time limit everything that still runs is ended, so that nothing is opened after the clean-up.
  over.abort();
  await working?.catch(() => {});
  const { at, durationMs, outcome } = observation;
  const screenshot = 'status' in outcome ? visit.screenshot : null;
  const changes = visit.networkChanges === 0 ? {} : { networkChanges: visit.networkChanges };
  return { probe: { ...asked, at, durationMs, browser: visit.browser, ...changes, outcome }, screenshot };
}

async function look(visit: Visit, attempt: Attempt): Promise<Answer> {
  const { request, signal } = visit;
  const context = await startBrowser(visit, attempt);
  attempt.lastSeen = `${visit.browser} had started and was opening ${request.url}`;
  const { page, security, response } = await throughNetworkChanges(
    () => openPage(context, visit),
    (changes) => {
      visit.networkChanges = changes;
      attempt.lastSeen = `the network of this machine changed ${changes === 1 ? 'once' : `${changes} times`} while ${visit.browser} was opening ${request.url} (ERR_NETWORK_CHANGED)`;
    },
    signal,
  );
  attempt.lastSeen = `status ${response.status()} at ${request.url}, but no certificate of it from the browser yet`;
  await security.certified;
  const address = (await response.serverAddr())?.ipAddress ?? null;
  if (request.screenshot) {
    attempt.lastSeen = `status ${response.status()} at ${request.url}, but no picture of the page yet`;
    visit.screenshot = await page.screenshot({ timeout: request.withinMs, signal });
  }
  const { securityState, certificate } = security.latest();
  return {
    status: response.status(),
    address,
    securityState,
    protocol: certificate.protocol,
    cipher: certificate.cipher,
    keyExchange: certificate.keyExchange || (certificate.keyExchangeGroup ?? ''),
    subject: certificate.subjectName,
    issuer: certificate.issuer,
    validFrom: timeOf(certificate.validFrom),
    validTo: timeOf(certificate.validTo),
    chain: certificate.certificate.map((der) => certificateFacts(Buffer.from(der, 'base64'))),
    screenshotSha256: visit.screenshot === null ? null : createHash('sha256').update(visit.screenshot).digest('hex'),
  };
}

async function startBrowser(visit: Visit, attempt: Attempt): Promise<BrowserContext> {
  const { request, programs, signal, opened } = visit;
  attempt.lastSeen = 'the profile was being made';
  const home = opened.use(await makeBrowserHome(request.scratch, programs.certutil, request.roots));
  signal.throwIfAborted();
  attempt.lastSeen = `${programs.browser} was being started`;
  const launch = chromium
    .launchPersistentContext(join(home.folder, 'profile'), {
      executablePath: programs.browser,
      artifactsDir: join(home.folder, 'tmp'),
      // Nothing from this process's environment: no proxy, no desktop, no flags.
      env: { PATH: process.env.PATH, HOME: home.folder, TMPDIR: join(home.folder, 'tmp') },
      args: [
        '--no-proxy-server',
        // Whatever the browser would ask its maker for, and the page others: only the page's own host has an address.
        `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(request.url).hostname}`,
      ],
      // Chromium's sandbox does not run as root.
      chromiumSandbox: process.getuid?.() !== 0,
      viewport,
      serviceWorkers: 'block',
      timeout: request.withinMs,
    })
    .catch((error: Error) => {
      throw new Error(`${programs.browser} did not start: ${lastComplaint(error.message)}`, { cause: error });
    });
  // Playwright's own limit ends only the process group, and does not wait for it.
  opened.defer(() => endBrowserProcesses(home.folder));
  const context = await orEnded(launch, home.folder, signal);
  signal.throwIfAborted();
  visit.browser = `Chromium ${context.browser()?.version() ?? ''}`.trim();
  return context;
}

/** What a launch gives. Where the visit is over before that, the browser is ended, which ends the launch. */
async function orEnded<Result>(launch: Promise<Result>, home: string, signal: AbortSignal): Promise<Result> {
  let ended: Promise<void> | undefined;
  const end = () => {
    ended = endBrowserProcesses(home, launch);
    ended.catch(() => {});
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    return await launch;
  } finally {
    signal.removeEventListener('abort', end);
    await ended;
  }
}

/** Opens the page, after a change of the network in another tab: a failed one still loads an error page, which would interrupt. */
async function openPage(context: BrowserContext, { request, signal, networkChanges }: Visit) {
  signal.throwIfAborted();
  const [first] = networkChanges === 0 ? context.pages() : [];
  const page = first ?? (await context.newPage());
  try {
    const security = await watchSecurityState(context, page);
    return { page, security, response: await open(page, request, signal) };
  } catch (error) {
    // Not awaited: it can hang behind the navigation, and the browser's end closes every page.
    page.close().catch(() => {});
    throw error;
  }
}

/** Opens the page. @throws Error with the browser's code, e.g. ERR_CERT_AUTHORITY_INVALID, if it does not load */
async function open(page: Page, { url, withinMs }: BrowserRequest, signal: AbortSignal): Promise<Response> {
  let response: Response | null;
  try {
    response = await page.goto(url, { timeout: withinMs, signal });
  } catch (error) {
    const message = firstLine(messageOf(error));
    const code = /net::(ERR_[A-Z0-9_]+)/.exec(message)?.[1];
    throw code === undefined ? new Error(message) : withCode(message, code);
  }
  if (response === null) throw new Error(`${url} was opened without an answer of a server`);
  if (new URL(response.url()).origin !== new URL(url).origin) {
    throw new Error(`${url} led to another place, ${response.url()}`);
  }
  return response;
}

/** Follows what the browser says of the page's security; `certified` settles once there is a certificate. */
async function watchSecurityState(context: BrowserContext, page: Page) {
  const devTools = await context.newCDPSession(page);
  const { promise: certified, resolve, reject } = Promise.withResolvers<void>();
  certified.catch(() => {});
  let state: VisibleSecurityState = { securityState: 'unknown' };
  devTools.on('Security.visibleSecurityStateChanged', ({ visibleSecurityState }) => {
    state = visibleSecurityState;
    if (state.certificateSecurityState !== undefined) resolve();
  });
  page.on('close', () => reject(new Error('the page was closed')));
  await devTools.send('Security.enable');
  return {
    certified,
    latest() {
      const { securityState, certificateSecurityState: certificate } = state;
      if (certificate === undefined) throw new Error('the browser showed the page without a certificate');
      return { securityState, certificate };
    },
  };
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

/** The last line that a browser which ended at once wrote to its stderr, which Playwright quotes in its log. */
function lastComplaint(message: string): string {
  const log = stripVTControlCharacters(message);
  return [...log.matchAll(/\[err\] (.+)/g)].at(-1)?.[1] ?? firstLine(log);
}

/** What Playwright adds below the first line is its own log, and before it its function's name. */
function firstLine(message: string): string {
  const [line = ''] = message.split('\n');
  return line.replace(/^[a-zA-Z]+\.[a-zA-Z]+: /, '');
}
