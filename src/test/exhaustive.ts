/** What `padlock test --exhaustive` sets for the processes of its steps. */
export const exhaustiveVariables = { PADLOCK_EXHAUSTIVE: 'yes', PADLOCK_DEVIATIONS: 'whole' } as const;

/** True if the rare and slow tests are to run as well: `test.runIf(isExhaustive)`. */
export const isExhaustive = process.env.PADLOCK_EXHAUSTIVE === exhaustiveVariables.PADLOCK_EXHAUSTIVE;
