import { http01Checks, issuanceChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { plainHttpRedirects } from '../../../src/checks/serving/plain-http-redirects.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01Ingress from '../../core/http01-ingress/scenario.ts';

export default scenario({
  ...http01Ingress,
  id: 'redirect-keeps-challenge',
  title: 'HTTP-01 beside a redirect of all users from http to https',
  why: 'The most common hardening of port 80 must not redirect the challenge; otherwise an issuance or a renewal fails weeks later.',
  expects: { http: 'redirect' },
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  subject: ({ host, namespace: own, gateway: { namespace, service }, suffix }) => ({
    host,
    issuer: { namespace, name: `redirect-issuer${suffix}` },
    certificate: { namespace, name: `redirect-certs${suffix}` },
    secret: { namespace, name: `redirect-certs${suffix}` },
    solver: 'ingress',
    gateway: { namespace, name: service },
    application: { service: `httpbin.${own}.svc.cluster.local`, port: 8000 },
  }),
  checks: [...issuanceChecks, ...http01Checks, ...servingChecks, plainHttpRedirects],
});
