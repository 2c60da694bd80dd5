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
      name: 'nothing says who the CA is',
      mutate(broken) {
        broken.ca.userAgent = '';
      },
      says: ['no user agent to identify'],
    },
  ],
);
