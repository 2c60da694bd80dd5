import type { Subject } from '../evidence/evidence.ts';

/** What a user says about the objects under test; what is missing is found in the manifests. */
export type GivenSubject = Partial<Omit<Subject, 'expects'>>;
