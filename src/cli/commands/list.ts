import { suites } from '../../../suites/index.ts';

/** `padlock list` */
export async function list({ json }: { json: boolean }): Promise<number> {
  if (json) {
    const data = Object.entries(suites).map(([suite, scenarios]) => ({
      suite,
      scenarios: scenarios.map(({ id, title, why, features, changesClusterWide, settings, checks }) => ({
        id,
        title,
        why,
        features,
        changesClusterWide,
        settings,
        checks: checks.map((check) => ({ id: check.id, asserts: check.asserts })),
      })),
    }));
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return 0;
  }
  for (const [suite, scenarios] of Object.entries(suites)) {
    process.stdout.write(`${suite}\n`);
    for (const { id, title, why, changesClusterWide, checks } of scenarios) {
      process.stdout.write(`  ${id}\n    ${title}\n    ${why}\n`);
      if (changesClusterWide) process.stdout.write(`    Runs alone: ${changesClusterWide}.\n`);
      process.stdout.write(`    Checks: ${checks.map((check) => check.id).join(', ')}\n`);
    }
  }
  return 0;
}
