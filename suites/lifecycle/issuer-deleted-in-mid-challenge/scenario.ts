import { nothingStays } from '../../../src/checks/lifecycle/nothing-stays.ts';
import { deleteObject, untilNothingIsLeft, untilPresented } from '../../../src/suite/actions/deletion.ts';
import { untilIssuerReady } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import certificateDeleted from '../certificate-deleted-in-mid-challenge/scenario.ts';

export default scenario({
  ...certificateDeleted,
  id: 'issuer-deleted-in-mid-challenge',
  title: 'An Issuer and then its Certificate are deleted while the Challenge waits: nothing may stay',
  why: "A team's objects are often deleted in any order. Where the clean-up of a Challenge needs its Issuer, the Challenge and its HTTPRoute stay for ever.",
  expectation:
    'The host has no address, so the Challenge waits. Once Issuer and Certificate are deleted, in that order, nothing of the issuance may be left.',
  features: ['http01', 'gateway-httproute-solver', 'deletion'],
  manifests: import.meta.dirname,
  subject: (names) => ({ ...certificateDeleted.subject(names), solver: 'gateway-httproute' }),
  async act(context) {
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilPresented(context);
    const { issuer, certificate } = context.subject;
    await deleteObject(context, { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', ...issuer });
    await deleteObject(context, { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', ...certificate });
    await untilNothingIsLeft(context);
  },
  checks: [nothingStays],
});
