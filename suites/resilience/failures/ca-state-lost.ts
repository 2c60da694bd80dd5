import { loseAccountKey } from '../../../src/suite/actions/account-key.ts';
import { replaceFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { failure } from '../failure.ts';

export default failure({
  id: 'ca-state-lost',
  link: 'ca',
  title: 'The CA is set up anew, without its accounts and orders and with another root',
  features: ['further-ca'],
  changesClusterWide: null,
  lastsMs: 15_000,
  // Clients trust another root from then on.
  servedAllAlong: false,
  // cert-manager does not register again while the Issuer is Ready.
  recovery: 'by-a-person',
  cure: {
    words: 'deletes the Secret of the account key, so that cert-manager registers another account, and asks again',
    act: loseAccountKey,
  },
  how: {
    async begin(context, ca) {
      if (ca === null) throw new Error('the environment can start no further CA');
      await replaceFurtherCa(context, ca);
      return async () => {};
    },
  },
});
