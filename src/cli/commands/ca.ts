import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { caChecks, groupSummaries } from '../../acme/catalogue/catalogue.ts';
import type { Profile } from '../../acme/catalogue/check.ts';
import { OneAtATime } from '../../acme/client/one-at-a-time.ts';
import { Paced } from '../../acme/client/paced.ts';
import { isKnownProduction } from '../../acme/client/production-directories.ts';
import { AcmeSession } from '../../acme/client/session.ts';
import { type ExternalAccount, readSigningKey, type SigningKey } from '../../acme/client/signing-key.ts';
import { HttpsTransport } from '../../acme/client/transport.ts';
import { coverageMarkdown, requirements } from '../../acme/requirements/requirements.ts';
import type { CheckResult, Conformance } from '../../acme/runner/conformance.ts';
import { bySection, summaryLine } from '../../acme/runner/conformance-summary.ts';
import { readDeclaration } from '../../acme/runner/declaration.ts';
import { changeInWords, readExpectations } from '../../acme/runner/expectations.ts';
import { clientsInWords } from '../../acme/runner/field-incompatibilities.ts';
import { type Budget, planInWords, plans } from '../../acme/runner/plan.ts';
import { endedBefore, runConformance, sectionName, selectChecks } from '../../acme/runner/run-conformance.ts';
import { loadSigningKey } from '../../attest/index.ts';
import { type ExternalAccountsOptions, externalAccountsOf } from '../../environment/external-account-options.ts';
import { textOfOption } from '../../option-file.ts';
import { conformanceAnnotations } from '../../report/conformance/conformance-annotations.ts';
import { directoriesMarkdown, type TestedDirectory } from '../../report/conformance/directories.ts';
import { appendStepSummary } from '../../report/folder/step-summary.ts';
import { requireWritable } from '../../report/folder/write-report-folder.ts';
import { wantsGithubAnnotations } from '../../report/github-annotations.ts';
import { UserError } from '../../user-error.ts';
import {
  describeResponders,
  domainsOf,
  isLoopback,
  listenAddressOf,
  type ResponderOptions,
  respondersOf,
} from '../options/ca-responders.ts';
import { trustedRootsOf } from '../options/trusted-roots.ts';
import { CaProgress } from './ca-progress.ts';
import type { CommandContext } from './command-context.ts';
import { writeConformance, writeDirectories } from './write-conformance.ts';

export interface CaOptions extends ResponderOptions, ExternalAccountsOptions {
  readonly directory?: readonly string[];
  readonly caBundle?: string;
  readonly only?: string;
  readonly profile: Profile;
  readonly skip: readonly 'issuance'[];
  readonly oneAtATime: boolean;
  readonly contact?: readonly string[];
  readonly maxRequests?: number;
  readonly maxAccounts?: number;
  readonly maxOrders?: number;
  readonly rate?: number;
  readonly stepTimeout?: number;
  readonly accountKey?: string;
  readonly name?: readonly string[];
  readonly preValidated?: readonly string[];
  readonly attest?: string;
  readonly declaration?: string;
  readonly expectations?: string;
  readonly iKnowThisIsProduction: boolean;
  readonly json: boolean;
  readonly report?: string;
  readonly list: boolean;
  readonly coverage: boolean;
  /** Whether no profile was chosen, so that a list has all checks. */
  readonly allProfiles?: boolean;
}

/**
 * `padlock ca`: exit code 1 if a MUST is not kept, or with expectations if a verdict is not as expected; 2 if the URL is not that
 * of a directory, 3 if the CA gives no answers, 4 if an account or order could not be made. The report is written in all of these
 * cases. Of several directories, the first of 1, 3, 2, 4 and 0 that one of them has.
 */
export async function ca(options: CaOptions, context: CommandContext): Promise<number> {
  if (options.coverage) return printCoverage(options.json);
  if (options.list) return list(options);
  const directories = directoryUrls(options);
  const [only, ...more] = directories;
  if (only === undefined) throw new UserError('Pass the URL of the directory with --directory, or use --list.');
  if (more.length === 0) return (await testDirectory(only, options, context)).exitCode;
  if (options.json) throw new UserError('--json prints one report: pass one --directory.');
  if (options.report !== undefined) await requireWritable(options.report);
  const folder = options.report ?? join('reports', `ca-${new Date().toISOString().replaceAll(':', '-')}`);
  const tested: TestedDirectory[] = [];
  const codes: number[] = [];
  for (const [index, directory] of directories.entries()) {
    const own = `${index + 1}-${slugOf(directory)}`;
    const { conformance, exitCode } = await testDirectory(
      directory,
      { ...options, report: join(folder, own) },
      context,
    );
    tested.push({ folder: own, conformance });
    codes.push(exitCode);
    await writeDirectories(tested, folder);
  }
  process.stdout.write(directoriesMarkdown(tested));
  process.stderr.write(`Report: ${join(folder, 'index.html')}\n`);
  return [1, 3, 2, 4].find((code) => codes.includes(code)) ?? 0;
}

/** A URL as the name of a folder: letters that every file system takes. */
function slugOf(url: string): string {
  const { host, pathname, search } = new URL(url);
  return `${host}${pathname}${search}`
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80);
}

async function testDirectory(
  directory: string,
  options: CaOptions,
  context: CommandContext,
): Promise<{ readonly conformance: Conformance; readonly exitCode: number }> {
  const only = sections(options.only, options.profile);
  const domains = domainsOf(options);
  const [externalAccount, ...moreExternalAccounts] = await externalAccounts(options);
  const trustedRoots = await trustedRootsOf('--ca-bundle', options.caBundle);
  const declaration = options.declaration === undefined ? undefined : await readDeclaration(options.declaration);
  const expectations = options.expectations === undefined ? undefined : await readExpectations(options.expectations);
  const key = options.attest === undefined ? null : await loadSigningKey(options.attest);
  if (options.report !== undefined) await requireWritable(options.report);
  for (const warning of key?.warnings ?? []) process.stderr.write(`${warning}\n`);
  await using responders = await respondersOf(options, new URL(directory));
  await using transport = new HttpsTransport({ trustedRoots });
  const paced = options.rate === undefined ? transport : new Paced(transport, options.rate);
  const contact = contactsOf(options);
  const names = namesOf(options);
  const accountKey = options.accountKey === undefined ? undefined : await accountKeyOf(options.accountKey);
  const plan = plans[options.profile];
  const most: Budget = {
    requests: options.maxRequests ?? plan.most.requests,
    accounts: options.maxAccounts ?? plan.most.accounts,
    orders: options.maxOrders ?? plan.most.orders,
  };
  const session = new AcmeSession({
    directoryUrl: directory,
    transport: options.oneAtATime ? new OneAtATime(paced) : paced,
    ...(contact.length === 0 ? {} : { contact }),
    ...(accountKey === undefined ? {} : { accountKey }),
    ...(names === undefined ? {} : { names, isPreValidated: options.preValidated !== undefined }),
    maxRequests: most.requests,
    maxAccounts: most.accounts,
    maxOrders: most.orders,
    ...(options.stepTimeout === undefined ? {} : { stepSeconds: options.stepTimeout }),
    userAgent: `padlock/${packageJson.version} (ACME conformance) node/${process.versions.node}`,
    externalAccount,
    moreExternalAccounts,
    domain: domains[0],
    responders,
    ...(options.skip.includes('issuance') ? { withoutIssuance: 'skipped by --skip issuance' } : {}),
    signal: context.signal,
  });
  const checks = selectChecks(options.profile, only);
  const answers = describeResponders(responders, domains, listenAddressOf(options, new URL(directory)));
  process.stderr.write(
    `Running ${checks.length} checks of ${directory}. ${only.length === 0 ? planInWords(plan.usual, most, options.rate) : `At most ${most.requests} requests, ${most.accounts} accounts and ${most.orders} orders.`} Afterwards, certificates are revoked and accounts deactivated.\n${answers === null ? '' : `${answers}\n`}`,
  );
  using progress = new CaProgress();
  let folder = options.report ?? '';
  const { conformance, errorExitCode, isPartial } = await runConformance({
    session,
    padlockVersion: packageJson.version,
    profile: options.profile,
    only,
    caBundle: trustedRoots !== undefined,
    declaration,
    expectations,
    // What two checks put under the same name would get into each other's way.
    ...(names === undefined ? {} : { lanesAtOnce: 1 }),
    onResult: (result, { done, of }) => progress.show(result, done, of),
    // The clean-up may take its time or be interrupted. Nobody waits for the verdicts until then.
    async beforeCleanUp(soFar) {
      folder = options.report ?? join('reports', `ca-${soFar.startedAt.replaceAll(':', '-')}`);
      const { file } = await writeConformance(soFar, folder, key);
      if (!options.json) process.stdout.write(conformanceText(soFar));
      const { left } = soFar.cleanUp;
      process.stderr.write(`${soFar.error === null ? '' : `${soFar.error}\n`}Report: ${file}\n`);
      if (left.length > 0) {
        progress.say(`cleaning up ${left.length} objects at the CA, for at most ${session.cleanUpSeconds} s`);
      }
    },
  });
  const { summary } = await writeConformance(conformance, folder, key);
  process.stderr.write(leftInWords(conformance));
  for (const warning of await appendStepSummary(process.env.GITHUB_STEP_SUMMARY, summary)) {
    process.stderr.write(`${warning}\n`);
  }
  if (wantsGithubAnnotations()) process.stderr.write(`${conformanceAnnotations(conformance).join('\n')}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(conformance, null, 2)}\n`);
  // Whoever called this tells the interruption by the exit code of its signal.
  context.signal.throwIfAborted();
  const { gate } = conformance;
  const isRed = gate === null || gate === undefined ? conformance.result === 'failed' : gate.result === 'changed';
  return { conformance, exitCode: isRed ? 1 : (errorExitCode ?? (isPartial ? 4 : 0)) };
}

/** @throws UserError (2) for what is no URL of a directory, or is given twice */
function directoryUrls({ directory = [], iKnowThisIsProduction }: CaOptions): readonly string[] {
  const urls = directory.map((one) => directoryUrl(one, iKnowThisIsProduction));
  const twice = urls.find((one, index) => urls.indexOf(one) !== index);
  if (twice === undefined) return urls;
  throw new UserError(`--directory names ${twice} twice.`);
}

function directoryUrl(directory: string, iKnowThisIsProduction: boolean): string {
  const url = URL.parse(directory);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw new UserError(`--directory ${directory} is not an https URL.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError(
      '--directory contains a user or password. ACME does not use them, and the report would show them.',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new UserError(
      `--directory ${directory} uses plain http, which is allowed on loopback only. Pass an https URL.`,
    );
  }
  if (isKnownProduction(url) && !iKnowThisIsProduction) {
    throw new UserError(
      `${url.hostname} is a production CA. Use its staging directory, or add --i-know-this-is-production.`,
    );
  }
  return directory;
}

/** @throws UserError (2) for what is no URL: contacts are URLs (RFC 8555 section 7.3) */
function contactsOf({ contact = [] }: Pick<CaOptions, 'contact'>): readonly string[] {
  const wrong = contact.find((one) => !URL.canParse(one));
  if (wrong === undefined) return contact;
  const hint = wrong.includes('@') ? `, e.g. mailto:${wrong}` : '';
  throw new UserError(`--contact ${wrong} is not a URL. Contacts are URLs${hint}.`);
}

/** The only names to order, if there are any. @throws UserError (2) for what is no domain name */
function namesOf({ name, preValidated }: CaOptions): readonly string[] | undefined {
  if (name !== undefined && preValidated !== undefined) {
    throw new UserError('Pass either --name or --pre-validated, not both: one run is about one kind of names.');
  }
  const names = name ?? preValidated;
  return names === undefined
    ? undefined
    : domainsOf({ domain: names }, preValidated === undefined ? '--name' : '--pre-validated');
}

/** @throws UserError (2) for what is no private key that ACME servers know */
async function accountKeyOf(file: string): Promise<SigningKey> {
  const text = await textOfOption('--account-key', file);
  try {
    return await readSigningKey(text);
  } catch (cause) {
    throw new UserError(
      `--account-key ${file} is not a private key of an account: PEM or JWK, RSA, P-256 or Ed25519, without a passphrase.`,
      { cause },
    );
  }
}

function sections(only: string | undefined, profile: CaOptions['profile']): readonly string[] {
  if (only === undefined) return [];
  const asked = only.split(',').map((section) => section.trim());
  for (const section of asked) {
    if (selectChecks('exhaustive', [section]).length === 0) {
      const known = [...new Set(caChecks.map(sectionName))].toSorted(byNumbers);
      throw new UserError(`--only: no check covers section '${section}'. Sections: ${known.join(', ')}.`);
    }
  }
  if (selectChecks(profile, asked).length === 0) {
    throw new UserError(`--only ${only}: the profile ${profile} has no checks of it. Choose another --profile.`);
  }
  return asked;
}

async function externalAccounts(options: CaOptions): Promise<readonly ExternalAccount[]> {
  const bindings = await externalAccountsOf(options);
  return bindings.map(({ keyId, hmacKey }) => ({ kid: keyId, macKey: Buffer.from(hmacKey, 'base64url') }));
}

function byNumbers(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

const signs = { passed: '✓', failed: '✗', warned: '!', skipped: '-', 'not-claimed': '-' } as const;

/** What the command prints: per section a table, then what is not looked at and the summary line. */
export function conformanceText(conformance: Conformance): string {
  const ran = conformance.checks.filter(({ message }) => message !== endedBefore);
  const tables = bySection(ran).map(sectionText);
  const first =
    conformance.problems.length === 0 ? [] : [`${conformance.problems.map((problem) => `${problem}\n`).join('')}`];
  const missing = conformance.groups.filter(({ state }) => state !== 'implemented').map(({ number }) => number);
  const { passed, failed, warned, skipped, notClaimed = 0 } = conformance.summary;
  return [
    ...first,
    ...tables,
    ...conformance.incompatibilities.map(
      ({ issues, pattern, certManager, clients }) =>
        `Seen in the field (${issues.join(', ')}): ${pattern} cert-manager: ${[certManager, clientsInWords(clients)].join(' ').trim()}\n`,
    ),
    ...(missing.length === 0
      ? []
      : [`Groups that are only partly testable from outside (see padlock ca --list): ${missing.join(', ')}.\n`]),
    `${summaryLine(conformance)}\n`,
    ...gateInWords(conformance),
    `${conformance.result}, profile ${conformance.options.profile}: ${passed} passed, ${failed} failed, ${warned} warned, ${skipped} skipped${notClaimed === 0 ? '' : `, ${notClaimed} not claimed`}; ${conformance.requests} requests in ${(conformance.durationMs / 1000).toFixed(1)} s.\n`,
  ].join('\n');
}

/** What the expectations say about the run; nothing without any. */
function gateInWords({ gate }: Conformance): readonly string[] {
  if (gate === null || gate === undefined) return [];
  const { changes, known, notJudged } = gate;
  const of = `${known.length + notJudged.length + changes.filter(({ expected }) => expected !== 'passed').length}`;
  const unjudged = notJudged.length === 0 ? '' : ` ${notJudged.length} were not judged in this run.`;
  if (changes.length === 0) return [`As expected: ${known.length} of ${of} known deviations were seen.${unjudged}\n`];
  return [
    `Not as expected:\n${changes.map((change) => `  ✗ ${changeInWords(change)}\n`).join('')}`,
    `${known.length} of ${of} known deviations were seen.${unjudged}\n`,
  ];
}

const mostLeft = 5;

/** What is left at the CA: some of it, and where the rest is. */
function leftInWords({ cleanUp: { left } }: Conformance): string {
  const more = left.length - mostLeft;
  return [
    ...left.slice(0, mostLeft).map((sentence) => `Left: ${sentence}\n`),
    ...(more > 0 ? [`Left: ${more} more, which the report lists.\n`] : []),
  ].join('');
}

function sectionText([title, results]: readonly [string, readonly CheckResult[]]): string {
  const width = Math.max(...results.map(({ id }) => id.length));
  const lines = results.map(
    ({ verdict, id, level, message }) =>
      `  ${signs[verdict]} ${verdict.padEnd(11)} ${id.padEnd(width)} ${level.padEnd(6)} ${message}\n`,
  );
  return `${title}\n${lines.join('')}`;
}

/** Each requirement on a server, with the checks that judge it or why none does. */
function printCoverage(json: boolean): number {
  process.stdout.write(json ? `${JSON.stringify(requirements, null, 2)}\n` : coverageMarkdown());
  return 0;
}

function list({ json, only, profile: chosen, allProfiles = false }: CaOptions): number {
  const profile = allProfiles ? 'exhaustive' : chosen;
  const selected = selectChecks(profile, sections(only, profile));
  if (json) {
    const checks = selected.map(({ run: _, ...check }) => check);
    process.stdout.write(`${JSON.stringify({ groups: groupSummaries, checks }, null, 2)}\n`);
    return 0;
  }
  for (const { number, title, state, missing } of groupSummaries) {
    const ofGroup = selected.filter(({ group }) => group === number);
    if (ofGroup.length === 0 && only !== undefined) continue;
    const rest = state === 'partly' ? `, without: ${missing}` : '';
    process.stdout.write(`${number}. ${title} (${state}${rest})\n`);
    for (const { id, rfc, section, level, asserts } of ofGroup) {
      process.stdout.write(`   ${id}  RFC ${rfc} section ${section}  ${level}  ${asserts}\n`);
    }
  }
  return 0;
}
