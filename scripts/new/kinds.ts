import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A file to write: a template in `templates/`, and where it goes, relative to the root. Both may contain placeholders. */
export interface ScaffoldFile {
  readonly template: string;
  readonly target: string;
}

/** Something that a contributor adds, with the files that it starts with. */
export interface Kind {
  /** The word on the command line. */
  readonly id: string;
  readonly what: string;
  /** The folder whose subfolders sort such things; the name on the command line then is SUBFOLDER/NAME. */
  readonly sortedInto?: string;
  /** The subfolder where the command line names none. */
  readonly defaultFolder?: string;
  readonly files: readonly ScaffoldFile[];
  /** What to do after that, in order. May contain placeholders. */
  readonly next: readonly string[];
  /** Further placeholders. */
  values?(root: string): Readonly<Record<string, string>>;
}

/** Words in files that a scaffold wrote and its author must replace. A unit test finds those that stay. */
export const templateMark = 'TEMPLATE';

const replaceMarks = `Replace every text that starts with ${templateMark}.`;
const updateReference = 'Run `node scripts/write-reference.ts`.';

export const kinds: readonly Kind[] = [
  {
    id: 'scenario',
    what: 'a scenario',
    sortedInto: 'suites',
    defaultFolder: 'core',
    files: ['scenario.ts', 'application.yaml', 'virtual-service.yaml'].map((file) => ({
      template: `scenario/${file}.txt`,
      target: `suites/{{folder}}/{{name}}/${file}`,
    })),
    next: [
      replaceMarks,
      'Change the manifests to what the scenario is about, as a user would write them.',
      './padlock up --name dev && ./padlock run {{name}} --on dev --report reports/{{name}}',
      'See it fail: run it with a manifest broken on purpose, or with a fault, ./padlock run {{name}} --fault wrong-address.',
      updateReference,
    ],
  },
  {
    id: 'check',
    what: 'a check of evidence',
    sortedInto: 'src/checks',
    files: [
      { template: 'check/check.ts.txt', target: 'src/checks/{{folder}}/{{name}}.ts' },
      { template: 'check/check.test.ts.txt', target: 'src/checks/{{folder}}/{{name}}.test.ts' },
    ],
    next: [
      replaceMarks,
      'Add {{camel}} to a set in src/checks/all-checks.ts, and so to the scenarios that have this set.',
      'npx vitest run --project unit src/checks/{{folder}}/{{name}}',
      'See it fail: each mutation in the test breaks the evidence in one way and must turn this check red, and no other that it does not name.',
      './padlock judge reports/r/evidence/http01-ingress.json judges evidence that you have kept.',
      updateReference,
    ],
  },
  {
    id: 'rule',
    what: 'a rule of the diagnosis',
    files: [
      { template: 'rule/rules.ts.txt', target: 'src/diagnosis/{{name}}-rules.ts' },
      { template: 'rule/rules.test.ts.txt', target: 'src/diagnosis/{{name}}-rules.test.ts' },
    ],
    next: [
      replaceMarks,
      'Put the rule into the rules of its link in src/diagnosis/links: the first that matches tells the state of the link, and the first broken link is the verdict.',
      'npx vitest run --project unit src/diagnosis faults',
      'See it fail: the test needs evidence in which the rule matches. A fault that makes it is `npm run new -- fault NAME`.',
      updateReference,
    ],
  },
  {
    id: 'acme-check',
    what: 'a group of ACME checks with their deviations',
    sortedInto: 'src/acme/catalogue',
    files: [{ template: 'acme-check/group.ts.txt', target: 'src/acme/catalogue/{{folder}}/{{number}}-{{name}}.ts' }],
    next: [
      replaceMarks,
      'A check that belongs to a group which exists goes into the file of that group instead.',
      'Add {{camel}} to groups in src/acme/catalogue/catalogue.ts.',
      'npx vitest run --project unit src/acme/catalogue',
      'Where Pebble or step-ca does not pass, note the verdict with its reason in src/acme/expected/: npm run servers.',
      'See it fail: npm run deviations runs the deviation over a real CA. It must turn red exactly the checks in `breaks`.',
    ],
    values: (root) => ({ number: String(nextGroup(root)) }),
  },
  {
    id: 'fault',
    what: 'a fault on a real cluster',
    files: [
      { template: 'fault/fault.ts.txt', target: 'faults/{{name}}/fault.ts' },
      { template: 'fault/manifest.yaml.txt', target: 'faults/{{name}}/manifest.yaml' },
      { template: 'fault/cure.yaml.txt', target: 'faults/{{name}}/cure.yaml' },
    ],
    next: [
      replaceMarks,
      'Change the manifest to what a user would have applied by mistake, and cure.yaml to the same objects as they should have been.',
      'npx vitest run --project unit faults',
      'See it: ./padlock up --name dev && node scripts/prove-faults.ts dev {{name}} must name it twice, cure it, and find the certificate served.',
      'Keep the verdict for docs/fault-verdicts.md: the same command with --write.',
      'For a fault in a scenario add `inScenario`, then ./padlock run http01-ingress --fault {{name}}.',
      updateReference,
    ],
  },
  {
    id: 'ca',
    what: 'a CA server that Padlock starts',
    files: [
      { template: 'ca/ca.ts.txt', target: 'src/ca-servers/{{name}}/{{name}}.ts' },
      { template: 'ca/ca.test.ts.txt', target: 'src/ca-servers/{{name}}/{{name}}.test.ts' },
    ],
    next: [
      replaceMarks,
      'Pin its source in components/{{name}}/ and describe the build in src/components/catalogue.ts.',
      'Add {{camel}} to caServers in src/ca-servers/ca-servers.ts.',
      './padlock build {{name}} && ./padlock run http01-ingress --ca {{name}}',
      'See it fail: ./padlock run http01-ingress --ca {{name}} --fault wrong-address must fail as with Pebble.',
      updateReference,
    ],
  },
];

/** The subfolders into which things of a kind are sorted. A suite that is a table of scenarios has no folders of them. */
export function subfoldersOf(root: string, { sortedInto = '' }: Kind): string[] {
  return readdirSync(join(root, sortedInto), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
    .map(({ name }) => name)
    .filter((name) => !existsSync(join(root, sortedInto, name, 'scenarios.ts')))
    .sort();
}

/** The number after the highest of a group of the catalogue. */
function nextGroup(root: string): number {
  const folder = join(root, 'src', 'acme', 'catalogue');
  if (!existsSync(folder)) return 1;
  const numbers = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
    Number(/^(\d+)-/.exec(basename(file))?.[1] ?? 0),
  );
  return Math.max(0, ...numbers) + 1;
}
