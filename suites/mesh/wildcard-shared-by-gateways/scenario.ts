import { servingChecks } from '../../../src/checks/all-checks.ts';
import { validatedWithoutSelfCheck } from '../../../src/checks/dns-01/validated-without-self-check.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { coalescedRequestFindsItsSite } from '../../../src/checks/mesh/coalesced-request-finds-its-site.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { probeBehindOneGateway, probeBesideTwoGateways } from '../../../src/suite/actions/coalescing.ts';
import { deleteObject } from '../../../src/suite/actions/deletion.ts';
import { applyDns01Issuer } from '../../../src/suite/actions/dns01-issuer.ts';
import { untilIssuanceEnded } from '../../../src/suite/actions/renewal.ts';
import { probeUntilServed } from '../../../src/suite/context/probes.ts';
import { untilCertificateReady, untilChallengesGone, untilIssuerReady } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import dns01Wildcard from '../dns01-wildcard/scenario.ts';

export default scenario({
  ...dns01Wildcard,
  id: 'wildcard-shared-by-gateways',
  title: 'Two Gateways share the Secret of a wildcard, and a browser sends both sites over one connection',
  why: 'HTTP/2 lets a client send requests for every name of a certificate over one connection (RFC 9113 section 9.1.1). Where the routes depend on the name that the connection was made for, the second site is not found.',
  expectation:
    'With a Gateway for each site, a request that comes over the connection of the other site should be answered 421; Istio answers 404, which the check warns of. With one Gateway for the wildcard it must reach its site.',
  features: [...dns01Wildcard.features, 'coalescing'],
  settings: { waitInsteadOfSelfCheck: '5s' },
  manifests: import.meta.dirname,
  furtherHosts: ({ host }) => [`*.${host}`, `shop.${host}`, `blog.${host}`],
  subject: (names) => {
    const { namespace } = names.gateway;
    const named = { namespace, name: `shared-wildcard${names.suffix}` };
    return { ...dns01Wildcard.subject(names), issuer: named, certificate: named, secret: named };
  },
  async act(context) {
    await serveApplication(context);
    await applyDns01Issuer(context, 'issuer-dns01-at-once.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilCertificateReady(context);
    await untilIssuanceEnded(context, 1);
    await context.apply('two-gateways.yaml');
    await probeUntilServed(context);
    const blog = `blog.${context.parts.names.host}`;
    await probeBesideTwoGateways(context, blog);
    await context.apply('one-gateway.yaml');
    const { applicationNamespace: namespace } = context;
    const second = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', namespace, name: 'blog-https' };
    await deleteObject(context, second);
    await probeBehindOneGateway(context, blog);
    await untilChallengesGone(context);
  },
  checks: [
    accountRegistered,
    secretHoldsIssuedCertificate,
    validatedWithoutSelfCheck,
    ...servingChecks,
    plainHttpAnswers,
    coalescedRequestFindsItsSite,
  ],
});
