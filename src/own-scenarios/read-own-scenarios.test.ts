import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'padlock-own-')));
afterAll(() => rmSync(folder, { recursive: true }));

const steps = 'steps:\n  - waitFor: issuerReady\nchecks: [issuance]\n';
const applying = 'steps:\n  - apply: a.yaml\nchecks: [issuance]\n';
const parts = "title: 'A title',\n  manifests: import.meta.dirname,\n  async act() {},\n  checks: ['issuance'],";

/** Files of a user by their paths, and the sentence about them. FOLDER stands for the folder of all of them. */
const mistakes: readonly (readonly [title: string, files: Readonly<Record<string, string>>, sentence: string])[] = [
  [
    'a module that does not compile',
    {
      'scenario.ts': "import { scenario } from 'padlock';\nexport default scenario({\n  id: 'a'\n  title: 'b',\n});\n",
    },
    "The scenario FOLDER/scenario.ts:4 cannot be loaded: Expected ',', got 'ident'.",
  ],
  [
    'TypeScript that needs more than stripping its types',
    { 'scenario.ts': "import { scenario } from 'padlock';\n\nenum Colour { red }\nexport default Colour;\n" },
    'The scenario FOLDER/scenario.ts:3 cannot be loaded: TypeScript enum is not supported in strip-only mode.',
  ],
  [
    'a module that throws',
    {
      'scenario.ts': "import { wanted } from './wanted.ts';\nwanted();\n",
      'wanted.ts': "export function wanted() {\n  throw new Error('Nothing is wanted.');\n}\n",
    },
    'The scenario FOLDER/wanted.ts:2 cannot be loaded: Nothing is wanted.',
  ],
  [
    'an import of what does not exist',
    { 'scenario.ts': "import { scenario } from 'padlock';\nimport { x } from './no-such.ts';\nexport default x;\n" },
    "The scenario FOLDER/scenario.ts:2 cannot be loaded: Cannot find module 'FOLDER/no-such.ts' imported from FOLDER/scenario.ts.",
  ],
  [
    'a name that padlock does not export',
    { 'scenario.ts': "import { scenarios } from 'padlock';\nexport default scenarios;\n" },
    "The scenario FOLDER/scenario.ts:1 cannot be loaded: The requested module 'padlock' does not provide an export named 'scenarios'.",
  ],
  [
    'an endless loop',
    { 'scenario.ts': 'let count = 0;\nfor (;;) {\n  count += 1;\n}\n' },
    'The scenario FOLDER/scenario.ts:PLACE cannot be loaded: It blocked Padlock for 1 s without awaiting anything, and was ended.',
  ],
  [
    'an error in a timer',
    { 'scenario.ts': "setTimeout(() => {\n  throw new Error('Too late.');\n});\nawait new Promise(() => {});\n" },
    'The scenario FOLDER/scenario.ts:2 cannot be loaded: Too late.',
  ],
  [
    'a module without a scenario',
    { 'scenario.ts': 'export const one = 1;\n' },
    'The module FOLDER/scenario.ts:1 has no scenario as its default export: write export default scenario({ … }).',
  ],
  [
    'a module with an unknown field',
    {
      'scenario.ts': `import { scenario } from 'padlock';\nexport default scenario({\n  id: 'shop',\n  titel: '',\n  ${parts}\n});\n`,
    },
    'The scenario shop is wrong: it has the unknown key "titel" (FOLDER/scenario.ts:2).',
  ],
  [
    'a module with an unknown check',
    {
      'scenario.ts': `import { scenario } from 'padlock';\nexport default scenario({\n  id: 'shop',\n  ${parts.replace('issuance', 'isuance')}\n});\n`,
    },
    'There is no check isuance (did you mean issuance?) (FOLDER/scenario.ts:2).',
  ],
  [
    "a module with the id of one of Padlock's own",
    {
      'scenario.ts': `import { scenario } from 'padlock';\nexport default scenario({\n  id: 'http01-ingress',\n  ${parts}\n});\n`,
    },
    "The id http01-ingress of the scenario at FOLDER/scenario.ts:3 is taken by one of Padlock's own: choose another id.",
  ],
  [
    'two scenarios with one id',
    { 'a/scenario.yaml': `id: shop\ntitle: A\n${steps}`, 'b/scenario.yaml': `title: B\nid: shop\n${steps}` },
    'The id shop of the scenario at FOLDER/b/scenario.yaml:1 is taken by the scenario at FOLDER/a/scenario.yaml:2: choose another id.',
  ],
  [
    'an unknown field',
    { 'scenario.yaml': `title: A\ntimelimit: 3m\n${steps}` },
    'The scenario FOLDER/scenario.yaml:2 is wrong: it has the unknown key "timelimit" (did you mean timeLimit?).',
  ],
  [
    'an unknown step',
    { 'scenario.yaml': `id: shop\ntitle: A\n${steps.replace('waitFor', 'waitfor')}` },
    'The scenario FOLDER/scenario.yaml:4 is wrong: there is no step waitfor (did you mean waitFor?).',
  ],
  [
    'a wait for an object with an unknown key',
    {
      'scenario.yaml':
        'id: shop\ntitle: A\nsteps:\n  - waitFor: { apiVersion: v1, kind: Pod, name: a, condition: Ready, withn: 3s }\nchecks: [issuance]\n',
    },
    'The scenario FOLDER/scenario.yaml:4 is wrong: steps.0.waitFor has the unknown key "withn".',
  ],
  [
    'a wait for an object without its name',
    {
      'scenario.yaml':
        'id: shop\ntitle: A\nsteps:\n  - waitFor: { apiVersion: v1, kind: Pod, condition: Ready }\nchecks: [issuance]\n',
    },
    'The scenario FOLDER/scenario.yaml:4 is wrong: steps.0.waitFor.name must be text.',
  ],
  [
    'a step of the wrong type',
    {
      'scenario.yaml':
        'id: shop\ntitle: A\nsteps:\n  - apply: a.yaml\n  - apply:\n      file: b.yaml\nchecks: [issuance]\n',
    },
    'The scenario FOLDER/scenario.yaml:5 is wrong: steps.1.apply must be a file or a list of files.',
  ],
  [
    'two steps in one entry',
    {
      'scenario.yaml': 'id: shop\ntitle: A\nsteps:\n  - apply: a.yaml\n    waitFor: issuerReady\nchecks: [issuance]\n',
    },
    'The scenario FOLDER/scenario.yaml:4 is wrong: steps.0 has 2 steps in one entry: apply, waitFor.',
  ],
  [
    'an unknown check',
    { 'scenario.yaml': `id: shop\ntitle: A\n${steps.replace('[issuance]', '\n  - issuance\n  - order-complete')}` },
    'The scenario FOLDER/scenario.yaml:7 is wrong: there is no check order-complete (did you mean order-completed?).',
  ],
  [
    'an unknown placeholder',
    { 'scenario.yaml': `id: shop\ntitle: A\nsubject:\n  certificate:\n    name: \${hots}\n${steps}` },
    `The placeholder \${hots} at FOLDER/scenario.yaml:5 has no value. Known placeholders there: gatewayNamespace, gatewayService, host, namespace.`,
  ],
  [
    'YAML that is none',
    { 'scenario.yaml': 'id: shop\ntitle: [A\nsteps: []\n' },
    'The scenario FOLDER/scenario.yaml:3 is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
  ],
  ['an empty file', { 'scenario.yaml': '' }, 'The scenario FOLDER/scenario.yaml:1 is wrong: it must be a mapping.'],
  [
    'a manifest that is no YAML',
    { 'scenario.yaml': `id: shop\ntitle: A\n${applying}`, 'a.yaml': 'kind: [A\n' },
    'The manifest FOLDER/a.yaml is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] (line 2).',
  ],
  [
    'a manifest that does not exist',
    { 'scenario.yaml': `id: shop\ntitle: A\n${applying}`, 'b.yaml': '' },
    'There is no manifest a.yaml in FOLDER (FOLDER/scenario.yaml:4).',
  ],
  [
    'two Certificates',
    {
      'scenario.yaml': `id: shop\ntitle: A\n${applying}`,
      'a.yaml': [1, 2]
        .map((number) => `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: c${number} }\n`)
        .join('---\n'),
    },
    'There are 2 objects of kind Certificate, at FOLDER/a.yaml:1 and FOLDER/a.yaml:5: name the one under test in subject.certificate.',
  ],
  [
    'a folder of two scenarios',
    { 'scenario.yaml': '', 'scenario.ts': '' },
    'The folder FOLDER has two scenarios, scenario.ts and scenario.yaml: remove one.',
  ],
  [
    'a folder without scenarios',
    { 'a/manifest.yaml': '', 'node_modules/b/scenario.yaml': '' },
    'No scenario is in FOLDER: a scenario is a folder with a scenario.ts or a scenario.yaml.',
  ],
];

/** Node itself loads the modules, as it does for the command line. */
const program = `
import { readOwnScenarios } from '${join(import.meta.dirname, 'read-own-scenarios.ts')}';
import { watchForBlocks } from '${join(import.meta.dirname, 'blocked-thread.ts')}';
await watchForBlocks(process.argv[1], 1000);
const taken = new Map([['http01-ingress', "one of Padlock's own"]]);
const said = [];
for (const path of process.argv.slice(1))
  said.push(await readOwnScenarios(path, taken).then(
    (found) => found.map(({ id, source }) => id + ' ' + source.place).join(),
    (error) => error.name + ' ' + error.exitCode + ' ' + error.message));
process.stdout.write(JSON.stringify(said));
`;

const good: Readonly<Record<string, string>> = {
  'one/scenario.yaml': `title: One\n${steps}`,
  // Neither is a manifest.
  'deeper/two/package-lock.json': '{ "name": "two" }',
  'deeper/two/template.yaml': '{{ if .Values.shop }}\n',
  'deeper/two/scenario.ts': `import { scenario } from 'padlock';\n\nexport default scenario({\n  id: 'two',\n  ${parts}\n});\n`,
  'three/scenario.mjs': `import { scenario } from 'padlock';\nexport default [1, 2].map((n) => scenario({ id: \`three-\${n}\`, ${parts} }));\n`,
};

let said: readonly string[];

beforeAll(() => {
  const write = (at: string, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(at, name)), { recursive: true });
      writeFileSync(join(at, name), text);
    }
    return at;
  };
  const paths = mistakes.map(([, files], index) => write(join(folder, String(index)), files));
  paths.push(write(join(folder, 'good'), good));
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program, ...paths], {
    encoding: 'utf8',
  });
  said = z.array(z.string()).parse(JSON.parse(output));
});

test.each(mistakes.map(([title, , sentence], index) => ({ title, sentence, index })))(
  '$title: one sentence with file and line, exit code 2',
  ({ sentence, index }) => {
    // The debugger stops at any line of a loop.
    expect(said[index]?.replace(/scenario\.ts:[234](?=.* blocked )/, 'scenario.ts:PLACE')).toBe(
      `UserError 2 ${sentence.replaceAll('FOLDER', join(folder, String(index)))}`,
    );
  },
);

test('finds scenarios in folders below, as YAML and as modules, one or several', () => {
  const at = join(folder, 'good');
  expect(said.at(-1)).toBe(
    `two ${at}/deeper/two/scenario.ts:4,one ${at}/one/scenario.yaml:1,three-1 ${at}/three/scenario.mjs:1,three-2 ${at}/three/scenario.mjs:1`,
  );
});
