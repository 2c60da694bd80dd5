/**
 * `npm run conformance:gateway-api -- [--environment cell|kind|existing] [--run-test NAME] [--output FOLDER]`: builds upstream's Gateway API
 * conformance suite, runs it from the outside against Istio's GatewayClass, and keeps its report and a summary in docs/conformance. Cells and kind
 * clusters are created for it. kind takes the options of `padlock run --environment kind`; --kubeconfig names an existing cluster. A run of one
 * test keeps nothing. Exit codes are padlock's: 0 passed, 1 a test failed, 2 wrong usage, 3 the environment failed.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { tellBuild } from '../src/bring-up/built-components.ts';
import { collectBundle } from '../src/bundle/index.ts';
import { conformanceSuiteVersion } from '../src/components/catalogue.ts';
import { buildComponents } from '../src/components/index.ts';
import { existingOptions } from '../src/environment/existing/existing-options.ts';
import { kindOptions } from '../src/environment/kind/kind-options.ts';
import { flagOf } from '../src/environment/provider-option.ts';
import { refuseOptions } from '../src/environment/registry/refuse-options.ts';
import { messageOf } from '../src/error-message.ts';
import { KubeClient } from '../src/kube/client.ts';
import { interruption } from '../src/progress/interruption.ts';
import { RunNarrator } from '../src/progress/run-narrator.ts';
import { UserError } from '../src/user-error.ts';
import {
  type ConformanceTarget,
  conformanceTargets,
  type StartTarget,
  type TargetOptions,
  type TargetRequest,
} from './conformance-environments.ts';
import { conformanceSummary, parseConformanceReport, type TestCounts, testResult } from './conformance-result.ts';

const component = 'gateway-api-conformance';
const profile = 'GATEWAY-HTTP';
/** The features of the profile; extended features are not claimed. */
const features = ['Gateway', 'HTTPRoute', 'ReferenceGrant'] as const;
const gatewayClass = 'istio';
const suiteTimeLimit = '30m';

interface SuiteEnd {
  readonly passed: boolean;
  readonly counts: TestCounts;
  readonly durationMs: number;
}

/** Runs the suite outside the cluster, where the addresses of Gateways must answer. Logs its whole output. */
async function runSuite(
  environment: ConformanceTarget,
  program: string,
  { report, log, only, signal }: { report: string; log: string; only: string | undefined; signal: AbortSignal },
): Promise<SuiteEnd> {
  const started = performance.now();
  const suite = environment.spawnOutside([
    program,
    `-kubeconfig=${environment.kubeconfig}`,
    `-gateway-class=${gatewayClass}`,
    `-conformance-profiles=${profile}`,
    `-supported-features=${features.join(',')}`,
    `-report-output=${report}`,
    '-organization=istio',
    '-project=istio',
    '-url=https://istio.io',
    `-version=${environment.istioVersion}`,
    '-contact=none (not submitted by the Istio project)',
    `-mode=padlock-${environment.kind}`,
    ...(only === undefined ? [] : [`-run-test=${only}`]),
    '-test.v',
    `-test.timeout=${suiteTimeLimit}`,
  ]);
  const { stdin, stdout } = suite;
  if (!stdin || !stdout) throw new Error('the suite has no pipes');
  stdin.end();
  const interrupt = () => suite.kill('SIGTERM');
  signal.addEventListener('abort', interrupt, { once: true });
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  const file = createWriteStream(log);
  try {
    const ended = once(suite, 'close') as Promise<[number | null, string | null]>;
    for await (const line of createInterface({ input: stdout })) {
      file.write(`${line}\n`);
      const result = testResult(line);
      if (result === null) continue;
      counts[result.result]++;
      if (result.depth === 1 && result.result !== 'skipped') process.stderr.write(`${line.trim()}\n`);
    }
    const [code] = await ended;
    signal.throwIfAborted();
    return { passed: code === 0, counts, durationMs: Math.round(performance.now() - started) };
  } finally {
    signal.removeEventListener('abort', interrupt);
    file.end();
    await finished(file);
  }
}

const { kubernetes, nodeImage, imageArchive, registryMirror, provider, kindConfig } = kindOptions;
const { kubeconfig } = existingOptions;

/** The options of environments that the suite takes, from their tables. */
const environmentOptions = {
  ...{ kubernetes, nodeImage, imageArchive, registryMirror, provider, kindConfig },
  kubeconfig,
} as const;

interface SuiteOptions {
  readonly environment: string;
  readonly only: string | undefined;
  readonly output: string;
  readonly target: TargetOptions;
}

/** @throws UserError (2) for an unknown option, and for one of another environment */
function readOptions(): SuiteOptions {
  const named = Object.entries(environmentOptions).map(([name, option]) => [name, flagOf(option).slice(2)] as const);
  const values = parsedArguments(['environment', 'run-test', 'output', ...named.map(([, flag]) => flag)]);
  const target: TargetOptions = Object.fromEntries(
    named.flatMap(([name, flag]) => (values[flag] === undefined ? [] : [[name, values[flag]]])),
  );
  const { environment = 'cell', output = join(import.meta.dirname, '..', 'docs', 'conformance') } = values;
  if (Object.hasOwn(conformanceTargets, environment)) refuseOptions(environment, target);
  return { environment, output, only: values['run-test'], target };
}

/** The values of options, each a text. */
function parsedArguments(flags: readonly string[]): Readonly<Record<string, string | undefined>> {
  const options = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' }] as const));
  try {
    return parseArgs({ options }).values as Readonly<Record<string, string | undefined>>;
  } catch (cause) {
    throw new UserError(messageOf(cause), { cause });
  }
}

/** @throws UserError (3) that says why the environment did not start; the signal's reason */
async function started(start: StartTarget, request: TargetRequest): Promise<ConformanceTarget> {
  try {
    return await start(request);
  } catch (cause) {
    request.signal.throwIfAborted();
    if (cause instanceof UserError) throw cause;
    const why = messageOf(cause);
    throw new UserError(`The environment did not start: ${why}`, { exitCode: 3, cause });
  }
}

async function conformance(signal: AbortSignal): Promise<number> {
  const { environment: kind, output, only, target: options } = readOptions();
  const target = Object.hasOwn(conformanceTargets, kind) ? conformanceTargets[kind] : undefined;
  if (target === undefined) {
    const known = Object.keys(conformanceTargets).join(', ');
    throw new UserError(`Unknown environment '${kind}'. Known environments: ${known}.`);
  }
  using narrator = RunNarrator.open({ command: 'up', signal });
  const components = await buildComponents({
    ...(target.made ? { besides: [component] } : { only: [component] }),
    signal,
    onProgress: (event) => tellBuild(narrator, event),
  });
  const folder = await mkdtemp(join(tmpdir(), 'padlock-conformance-'));
  let keepFolder = false;
  try {
    const beforeUp = performance.now();
    const environment = await started(target.start, { options, components, narrator, signal });
    const upMs = target.made ? Math.round(performance.now() - beforeUp) : null;
    narrator.end('ready');
    try {
      const report = join(folder, 'report.yaml');
      const log = join(folder, 'suite.log');
      const end = await runSuite(environment, components.binary(component), { report, log, only, signal });
      tellEnd(end);
      if (!end.passed) {
        keepFolder = true;
        await collectDiagnostics(environment, join(folder, 'bundle'), signal);
        process.stderr.write(`The suite failed. Its output, its report and a diagnostics bundle are in ${folder}.\n`);
        return 1;
      }
      if (only === undefined) await keepReport(environment, { report, output, upMs, end, signal });
      return 0;
    } finally {
      await environment.down();
    }
  } finally {
    if (!keepFolder) await rm(folder, { recursive: true, force: true });
  }
}

function tellEnd({ counts, durationMs }: SuiteEnd): void {
  const { passed, failed, skipped } = counts;
  const took = (durationMs / 1000).toFixed(1);
  process.stderr.write(`${passed} passed, ${failed} failed, ${skipped} skipped in ${took} s.\n`);
}

async function collectDiagnostics(environment: ConformanceTarget, folder: string, signal: AbortSignal): Promise<void> {
  await using kube = await KubeClient.open({ path: environment.kubeconfig });
  const onProblem = (sentence: string) => process.stderr.write(`${sentence}\n`);
  await collectBundle({ kube, folder, logs: await environment.logs(), signal, onProblem });
}

interface KeptReport {
  readonly report: string;
  readonly output: string;
  readonly upMs: number | null;
  readonly end: SuiteEnd;
  readonly signal: AbortSignal;
}

async function keepReport(environment: ConformanceTarget, kept: KeptReport): Promise<void> {
  const { report, output, upMs, end, signal } = kept;
  const yaml = await readFile(report, 'utf8');
  await using kube = await KubeClient.open({ path: environment.kubeconfig });
  const { gitVersion } = await kube.version(signal);
  const summary = conformanceSummary(parseConformanceReport(yaml), {
    environment: environment.kind,
    kubernetesVersion: gitVersion,
    suiteVersion: conformanceSuiteVersion,
    counts: end.counts,
    upMs,
    suiteMs: end.durationMs,
    notUpstream: environment.notUpstream,
  });
  await mkdir(output, { recursive: true });
  await writeFile(join(output, `gateway-api-${environment.kind}.yaml`), yaml);
  await writeFile(join(output, `gateway-api-${environment.kind}.md`), summary);
  process.stderr.write(`The report and a summary are in ${output}.\n`);
}

const interrupted = interruption();
try {
  process.exitCode = await conformance(interrupted.signal);
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = interrupted.exitCode;
  else if (error instanceof UserError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  } else throw error;
} finally {
  interrupted[Symbol.dispose]();
}
