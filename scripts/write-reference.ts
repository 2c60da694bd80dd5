/** Generates docs/reference.md from the sources: `node scripts/write-reference.ts`. */
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command, Option } from 'commander';
import { faults } from '../faults/index.ts';
import { caFeatures } from '../src/acme/catalogue/features.ts';
import { allChecks } from '../src/checks/all-checks.ts';
import { program } from '../src/cli/program.ts';
import { catalogue } from '../src/components/catalogue.ts';
import type { Component } from '../src/components/component.ts';
import { allRules } from '../src/diagnosis/diagnose.ts';
import { ingressGatewayOfCharts } from '../src/environment/environment.ts';
import { exitCode } from '../src/report/exit-code.ts';
import type { ScenarioNames } from '../src/suite/context/scenario-names.ts';
import { featureCoverage } from '../src/suite/feature-coverage.ts';
import type { Scenario } from '../src/suite/scenario.ts';
import { allScenarios, suites } from '../suites/index.ts';

export const referenceFile = fileURLToPath(new URL('../docs/reference.md', import.meta.url));

const meaningOfExitCode: Readonly<Record<keyof typeof exitCode, string>> = {
  passed: 'Everything ran and passed.',
  checkFailed: 'A check failed; with `padlock test`, a test.',
  wrongUsage: 'Wrong usage: for example an unknown command, option, scenario, name or file.',
  environmentFailed: 'The environment failed, or a scenario ended early and no check shows why.',
  nothingOrOnlyPart: 'Nothing ran, or only a part of what was requested.',
  interrupted: 'Interrupted by Ctrl-C, after everything was removed. After SIGTERM: 143.',
};

function code(text: string): string {
  return `\`${text}\``;
}

function codes(texts: readonly string[]): string {
  return texts.map(code).join(', ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function sections(...parts: readonly (string | readonly string[])[]): string {
  return parts.flat().join('\n\n');
}

function commandSection(command: Command): string {
  const help = command.createHelp();
  const options = help.visibleOptions(command).filter((option) => option.long !== '--help');
  const groups = Map.groupBy(options, ({ helpGroupHeading = '' }) => helpGroupHeading);
  const rowsOf = (members: readonly Option[]) =>
    members.map((option) => [code(help.optionTerm(option)), cell(help.optionDescription(option))]);
  const theArguments = command.registeredArguments.map((argument) => [
    code(help.argumentTerm(argument)),
    cell(help.argumentDescription(argument)),
  ]);
  const rows = [...theArguments, ...rowsOf(groups.get('') ?? [])];
  const grouped = [...groups].filter(([heading]) => heading !== '');
  return sections(
    `### ${nameOf(command)}`,
    `${code(help.commandUsage(command))}: ${cell(command.description())}.`,
    rows.length > 0 ? [table(['', ''], rows)] : [],
    grouped.flatMap(([heading, members]) => [heading, table(['', ''], rowsOf(members))]),
  );
}

/** With the names of the commands above it, e.g. `trace certificate`. */
export function nameOf(command: Command): string {
  const above = command.parent;
  return above === null || above.parent === null ? command.name() : `${nameOf(above)} ${command.name()}`;
}

/** The commands that do something; one with commands of its own and without options only names them. */
export function leafCommands(commands: readonly Command[]): readonly Command[] {
  return commands.flatMap((command) => [
    ...(command.commands.length === 0 || command.options.length > 0 ? [command] : []),
    ...command.commands,
  ]);
}

function commands(): string {
  const context = { signal: new AbortController().signal, end: async () => {} };
  const padlock = program(context);
  const help = padlock.createHelp();
  const common = help.visibleOptions(padlock).map((option) => {
    return [code(help.optionTerm(option)), cell(help.optionDescription(option))];
  });
  return sections('## Commands', table(['', ''], common), leafCommands(padlock.commands).map(commandSection));
}

function exitCodes(): string {
  const names = Object.keys(exitCode) as (keyof typeof exitCode)[];
  return sections(
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      names.map((name) => [String(exitCode[name]), meaningOfExitCode[name]]),
    ),
  );
}

/** The names of a run on a cell. */
const exampleNames: ScenarioNames = {
  host: 'host.padlock.test',
  namespace: 'own',
  applicationNamespace: 'default',
  suffix: '',
  gateway: ingressGatewayOfCharts,
};

function scenarioSection(scenario: Scenario): string {
  const settings = Object.entries(scenario.settings).map(([name, value]) => code(`${name}: ${value}`));
  const manifests = relative(join(import.meta.dirname, '..'), scenario.manifests);
  const rows = [
    ['Why', cell(scenario.why)],
    ...(scenario.expectation ? [['Expected', cell(scenario.expectation)]] : []),
    ['Features', codes(scenario.features)],
    ['Solver', code(scenario.subject(exampleNames).solver)],
    ['Manifests', `[${manifests}](../${manifests})`],
    ['Namespaces', ['its own', ...scenario.sharedNamespaces(exampleNames).map(code)].join(', ')],
    [
      'Runs',
      scenario.changesClusterWide === null ? 'in parallel with others' : `alone: ${cell(scenario.changesClusterWide)}`,
    ],
    ['Settings other than defaults', settings.length > 0 ? settings.join(', ') : 'none'],
    ['Time limit', `${scenario.timeLimitMs / 1000} s`],
    ['Checks', codes(scenario.checks.map(({ id }) => id))],
  ];
  return sections(`### ${scenario.id}`, cell(scenario.title), table(['', ''], rows));
}

function scenarios(): string {
  return sections(
    '## Suites and scenarios',
    Object.entries(suites).map(([suite, members]) => `- ${code(suite)}: ${codes(members.map(({ id }) => id))}`),
    allScenarios.map(scenarioSection),
  );
}

function featuresSection(): string {
  const rows = featureCoverage(allScenarios).map(({ name, means, needs, scenarios: having }) => [
    code(name),
    cell(means),
    cell(needs ?? ''),
    codes(having),
  ]);
  return sections(
    '## Features',
    'What a scenario covers. `padlock run --feature NAME` and `--exempt-feature NAME` select scenarios by feature, and `padlock list --features` prints this table. Where the environment or the CA lacks what a feature needs, its scenarios are skipped with the reason.',
    table(['Feature', 'Meaning', 'Needs', 'Scenarios'], rows),
  );
}

function checks(): string {
  const rows = [...allChecks.values()].map((check) => {
    const judges = allScenarios.filter((scenario) => scenario.checks.some(({ id }) => id === check.id));
    return [code(check.id), cell(check.asserts), codes(judges.map(({ id }) => id))];
  });
  return sections('## Checks', table(['Check', 'Asserts', 'Used by'], rows));
}

function faultSections(): string {
  const rows = faults.map(({ id, title, symptom, diagnosedAs, inScenario, upstream = [] }) => [
    code(id),
    cell([title, ...upstream].join('; ')),
    cell(symptom),
    inScenario === undefined
      ? ''
      : inScenario.turnsRed.length === 0
        ? 'none: the issuance only takes longer'
        : codes(inScenario.turnsRed),
    diagnosedAs === null ? '' : code(diagnosedAs),
  ]);
  return sections(
    '## Faults',
    'Real faults on a real cluster, one folder in [faults](../faults) each. `padlock run ID --fault FAULT` accepts those that can be made in a scenario. Of the checks of a good path, exactly the red checks must fail. The others are made on their own, for `padlock trace` to find.',
    table(['Fault', 'What is wrong', 'Symptom', 'Red checks', 'Diagnosed as'], rows),
  );
}

function diagnoses(): string {
  return sections(
    '## Diagnoses',
    'The causes that `padlock trace` and the report of a failed scenario can name, in the order in which the rules are asked. The first rule that matches gives the diagnosis; if none matches, it is `unknown`.',
    table(
      ['Rule', 'Recognises'],
      allRules.map(({ id, recognizes }) => [code(id), cell(recognizes)]),
    ),
  );
}

function outputsOf(recipe: Component['recipes'][number]): readonly string[] {
  switch (recipe.kind) {
    case 'go':
      return Object.values(recipe.programs);
    case 'module-files':
      return Object.values(recipe.files);
    case 'wheel':
      return [recipe.program];
    case 'python-packages':
      return [recipe.folder];
  }
}

function components(): string {
  return sections(
    '## Components',
    'What `padlock build` builds, in the versions that the folders of `components/` pin. The other programs of a cell are packages of the distribution.',
    table(
      ['Component', 'Version', 'Source', 'Outputs'],
      catalogue.map((component) => [
        `[${component.id}](../components/${component.id})`,
        code(component.version),
        cell(component.source),
        `${codes(component.recipes.flatMap(outputsOf))}${component.optional ? ' (only on request)' : ''}`,
      ]),
    ),
    "### Not upstream's own",
    [...new Set(catalogue.flatMap(({ notUpstream }) => (notUpstream ? [`- ${cell(notUpstream)}`] : [])))].join('\n'),
  );
}

/** What a CA may declare. */
function caFeatureSection(): string {
  const rows = Object.entries(caFeatures).map(([name, title]) => [code(name), cell(title)]);
  return sections('## Features of a CA', 'For `padlock ca --declaration`.', table(['Feature', ''], rows));
}

/** The reference page: commands, exit codes, scenarios, features, checks, faults, diagnoses and components. */
export function reference(): string {
  return `${sections(
    '# Reference',
    'Generated from the sources by `node scripts/write-reference.ts`. A unit test fails if it is out of date.',
    commands(),
    exitCodes(),
    scenarios(),
    featuresSection(),
    caFeatureSection(),
    checks(),
    faultSections(),
    diagnoses(),
    components(),
  )}\n`;
}

if (import.meta.main) writeFileSync(referenceFile, reference());
