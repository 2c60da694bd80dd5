/** Writes the files that something new starts with: `npm run new -- scenario|check|rule|acme-check|fault|ca NAME`. */
import { join } from 'node:path';
import { UserError } from '../../src/user-error.ts';
import { formatFiles, scaffold, usage } from './scaffold.ts';
import { takenIds } from './taken-ids.ts';

const root = join(import.meta.dirname, '..', '..');
const words = process.argv.slice(2);
try {
  if (words.includes('--help') || words.includes('-h')) process.stdout.write(usage(root));
  else {
    const { written, next } = scaffold(root, words, takenIds);
    formatFiles(root, written);
    const files = written.map((file) => `  ${file}\n`).join('');
    const steps = next.map((step, index) => `  ${index + 1}. ${step}\n`).join('');
    process.stdout.write(`Written:\n${files}Next:\n${steps}`);
  }
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
