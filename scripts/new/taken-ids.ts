import { faults } from '../../faults/index.ts';
import { caChecks, groups } from '../../src/acme/catalogue/catalogue.ts';
import { caServers } from '../../src/ca-servers/ca-servers.ts';
import { allChecks } from '../../src/checks/all-checks.ts';
import { allRules } from '../../src/diagnosis/diagnose.ts';
import { allScenarios, suites } from '../../suites/index.ts';

/** The ids that Padlock has already, by kind. Suites and scenarios are named together on the command line. */
export const takenIds: Readonly<Record<string, readonly string[]>> = {
  scenario: [...Object.keys(suites), ...allScenarios.map(({ id }) => id)],
  check: [...allChecks.keys()],
  rule: allRules.map(({ id }) => id),
  // The first check of a new group has the name of the group.
  'acme-check': [
    ...groups.map(({ title }) => title.toLowerCase().replace(/[^a-z0-9]+/g, '-')),
    ...caChecks.map(({ id }) => id),
  ],
  fault: faults.map(({ id }) => id),
  ca: caServers.map(({ id }) => id),
};
