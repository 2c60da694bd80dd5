/**
 * Says what is different between two reports of the suite resilience, e.g. with two versions of Istio or cert-manager; ends with 1 if
 * something is worse:
 *
 *   node scripts/compare-resilience.ts BEFORE AFTER
 */
import { recoveryChanges } from './recovery-changes.ts';
import { recoveriesOfReport } from './resilience-table.ts';

const [before, after] = process.argv.slice(2);
if (before === undefined || after === undefined) throw new Error('Usage: compare-resilience.ts BEFORE AFTER');
const [old, now] = await Promise.all([recoveriesOfReport(before), recoveriesOfReport(after)]);
const changes = recoveryChanges(old, now);
const both = [...old.keys()].filter((id) => now.has(id)).length;
process.stdout.write(`${changes.length} differences in ${both} failures.\n`);
for (const { failure, isWorse, what } of changes) process.stdout.write(`${isWorse ? '✗' : '·'} ${failure}: ${what}.\n`);
process.exitCode = changes.some(({ isWorse }) => isWorse) ? 1 : 0;
