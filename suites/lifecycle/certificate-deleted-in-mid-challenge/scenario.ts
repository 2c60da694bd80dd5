import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { nothingStays } from '../../../src/checks/lifecycle/nothing-stays.ts';
import { deleteObject, untilNothingIsLeft, untilPresented } from '../../../src/suite/actions/deletion.ts';
import { untilIssuerReady } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'certificate-deleted-in-mid-challenge',
  title: 'A Certificate is deleted while its Challenge waits: nothing may stay',
  why: 'Whoever gives up on a Certificate that does not become Ready deletes it. A Challenge that hangs on its finalizer, or a solver that goes on, is found much later.',
  expectation:
    'The host has no address, so the Challenge waits. Once the Certificate is deleted, nothing of its issuance may be left.',
  features: ['http01', 'ingress-solver', 'deletion'],
  changesClusterWide: null,
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: () => [],
  timeLimitMs: 240_000,
  subject: ({ host, namespace, gateway }) => ({
    host,
    issuer: { namespace, name: 'in-mid-challenge' },
    certificate: { namespace, name: 'in-mid-challenge' },
    secret: { namespace, name: 'in-mid-challenge' },
    solver: 'ingress',
    gateway: { namespace: gateway.namespace, name: gateway.service },
    application: { service: `httpbin.${namespace}.svc.cluster.local`, port: 8000 },
  }),
  async act(context) {
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilPresented(context);
    await deleteObject(context, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      ...context.subject.certificate,
    });
    await untilNothingIsLeft(context);
  },
  async observe() {},
  checks: [accountRegistered, nothingStays],
});
