import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { preferredChainChosen } from './preferred-chain-chosen.ts';

const preferred = ['spec', 'acme', 'preferredChain'];

describeCheck(
  preferredChainChosen,
  caEvidence,
  [preferredChainChosen],
  [
    {
      name: 'another root was preferred',
      mutate: (evidence) => put(recorded(evidence, 'Issuer'), preferred, 'Foreign Root CA'),
      says: ['prefers the chain to Foreign Root CA', 'ends at', 'Pebble Root CA 7a1c3e'],
    },
    {
      name: 'none was preferred',
      mutate: (evidence) => put(recorded(evidence, 'Issuer'), preferred, undefined),
      says: ['No Issuer with a preferredChain'],
    },
    {
      name: 'there was no choice',
      mutate: (evidence) => void evidence.ca.roots.shift(),
      says: ['proves no choice'],
    },
  ],
);
