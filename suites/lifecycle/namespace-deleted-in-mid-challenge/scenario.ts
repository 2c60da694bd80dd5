import { nothingStays } from '../../../src/checks/lifecycle/nothing-stays.ts';
import { deleteObject, untilNamespaceIsGone, untilPresented } from '../../../src/suite/actions/deletion.ts';
import { untilIssuerReady } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import certificateDeleted from '../certificate-deleted-in-mid-challenge/scenario.ts';

export default scenario({
  ...certificateDeleted,
  id: 'namespace-deleted-in-mid-challenge',
  title: 'A namespace is deleted while a Challenge in it waits: it must go',
  why: 'The Issuer, its account key and the solver go at the same time as the Challenge. A finalizer that needs one of them leaves the namespace Terminating for ever.',
  expectation:
    'The host has no address, so the Challenge waits. Once the namespace is deleted, it must be gone, with all of the issuance.',
  async act(context) {
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilPresented(context);
    const { namespace } = context.parts.names;
    await deleteObject(context, { apiVersion: 'v1', kind: 'Namespace', name: namespace });
    await untilNamespaceIsGone(context, namespace);
  },
  checks: [nothingStays],
});
