import { dns01Checks, issuanceChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { applyDns01Issuer } from '../../../src/suite/actions/dns01-issuer.ts';
import { probeServedCertificate, probeTxtRecords } from '../../../src/suite/context/probes.ts';
import { untilCertificateReady, untilIssuerReady } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'dns01-wildcard',
  title: 'A wildcard by DNS-01, served by the Istio gateway',
  why: 'Only DNS-01 validates a wildcard (RFC 8555 section 7.1.4), and the gateway must serve it for a name below it.',
  features: ['dns01', 'wildcard', 'istio-gateway'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  // cert-manager sleeps for 60 s in its self-check of DNS-01.
  timeLimitMs: 180_000,
  furtherHosts: ({ host }) => [`*.${host}`, `shop.${host}`],
  subject: ({ host, namespace: own, gateway: { namespace, service }, suffix }) => ({
    host: `shop.${host}`,
    issuer: { namespace, name: `wildcard-issuer${suffix}` },
    certificate: { namespace, name: `wildcard-certs${suffix}` },
    secret: { namespace, name: `wildcard-certs${suffix}` },
    solver: 'dns01',
    gateway: { namespace, name: service },
    application: { service: `httpbin.${own}.svc.cluster.local`, port: 8000 },
  }),
  async act(context) {
    await serveApplication(context);
    await applyDns01Issuer(context, 'issuer-dns01.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilCertificateReady(context);
    await context.apply('gateway.yaml');
  },
  async observe(context) {
    await probeServedCertificate(context);
    await probeTxtRecords(context);
  },
  checks: [...issuanceChecks, ...dns01Checks, ...servingChecks, plainHttpAnswers],
});
