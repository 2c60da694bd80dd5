import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'foreign-root',
  title: "Clients trust another CA's root instead of this CA's",
  symptom: 'The certificate is issued and served, but browsers and curl refuse it.',
  diagnosedAs: 'ends-at-another-root',
  verdict: /does not end at a root that the client trusts/,
  cure: {
    says: 'Give the clients the root of the CA that issues, or issue from a CA whose root they have.',
    steps: [],
  },
  inScenario: {
    turnsRed: ['chain-ends-at-the-cas-root', 'backend-answers', 'browser-shows-padlock'],
    trustsForeignRoot: true,
  },
});
