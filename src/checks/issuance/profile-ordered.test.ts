import { expect, test } from 'vitest';
import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { profileOrdered } from './profile-ordered.ts';

describeCheck(
  profileOrdered,
  caEvidence,
  [profileOrdered],
  [
    {
      name: 'the Order names none',
      mutate: (evidence) => put(recorded(evidence, 'Order'), ['spec', 'profile'], undefined),
      says: ['should name the profile default, but names none'],
    },
    {
      name: 'the profile is not advertised',
      mutate: (evidence) => put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'profile'], 'classic'),
      says: ['does not advertise the profile classic', 'default, shortlived'],
    },
    {
      name: 'the Issuer has none',
      mutate: (evidence) => put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'profile'], undefined),
      says: ['No Issuer with a profile'],
    },
    {
      name: 'the Order did not become valid',
      mutate: (evidence) => put(recorded(evidence, 'Order'), ['status', 'state'], 'errored'),
      says: ['should be valid, but is errored'],
    },
  ],
);

test('is skipped if the directory has no profiles', async () => {
  const evidence = await caEvidence();
  evidence.acme?.profiles.splice(0);
  expect(verdictOf(profileOrdered, evidence).result).toBe('skipped');
});
