import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { fileErrorReason } from './file-error.ts';
import { UserError } from './user-error.ts';
import { yamlValue } from './yaml-value.ts';

/**
 * Reads a YAML or JSON file in which every value is text: the version 1.30 must not become the number 1.3.
 *
 * @param noun how messages name the file, e.g. `configuration`
 * @returns mappings, lists and texts; null for an empty file
 * @throws UserError (2) in one sentence, with line and column where it is not YAML
 */
export async function readYaml(noun: string, file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`Cannot read the ${noun} ${file}: ${fileErrorReason(cause)}.`, { cause });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe' });
  const [problem] = document.errors;
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const [what] = problem.message.split('\n');
    throw new UserError(
      `The ${noun} ${file} is not valid YAML, line ${line}, column ${col}: ${what?.replace(/ at line .*$/, '')}.`,
    );
  }
  return yamlValue(document, `The ${noun} ${file}`);
}
