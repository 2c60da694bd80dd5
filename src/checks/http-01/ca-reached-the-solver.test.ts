import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { forget, forgetProbe } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { caReachedTheSolver } from './ca-reached-the-solver.ts';

const evidence = async () => {
  const found = await caEvidence();
  forgetProbe(found, 'challenge-path-before');
  return found;
};

describeCheck(
  caReachedTheSolver,
  evidence,
  [caReachedTheSolver],
  [
    {
      name: 'the CA did not come through the gateway',
      mutate(broken) {
        broken.accessLog = broken.accessLog.filter(({ userAgent }) => !userAgent?.includes(broken.ca.userAgent));
      },
      says: ['should have a request of the CA'],
    },
    { name: 'no Challenge', mutate: (broken) => forget(broken, 'Challenge'), says: ['No Challenge'] },
    {
      name: 'the user agent of the CA is unknown, and only cert-manager asked',
      mutate(broken) {
        broken.accessLog = broken.accessLog.filter(({ userAgent }) => !userAgent?.includes(broken.ca.userAgent));
        broken.ca.userAgent = '';
      },
      says: ['a client that is not cert-manager'],
    },
  ],
);
