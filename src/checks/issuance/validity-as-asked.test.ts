import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { validityAsAsked } from './validity-as-asked.ts';

describeCheck(
  validityAsAsked,
  caEvidence,
  [validityAsAsked],
  [
    {
      name: 'the CA ignored a shorter duration',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'duration'], '48h0m0s'),
      says: ['requests 48 h', 'valid for 2160.0 h'],
    },
    {
      name: 'the order did not ask',
      mutate: (evidence) => put(recorded(evidence, 'Order'), ['spec', 'duration'], undefined),
      says: ['no duration was requested from the CA'],
    },
    {
      name: 'no duration',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'duration'], undefined),
      says: ['without a spec.duration'],
    },
  ],
);
