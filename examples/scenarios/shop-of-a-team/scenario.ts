import { type Check, failed, passed, scenario } from 'padlock';

/** A check of one's own: a pure function of the evidence. */
const certificateNamesTheHostAlone: Check = {
  id: 'certificate-names-the-host-alone',
  asserts: 'The certificate that clients get names the host and nothing else.',
  judge({ probes, subject }) {
    const names = probes.flatMap((probe) =>
      probe.kind === 'tls' && 'chain' in probe.outcome ? (probe.outcome.chain[0]?.dnsNames ?? []) : [],
    );
    const others = names.filter((name) => name !== subject.host);
    if (names.length === 0) return failed('No client got a certificate.');
    return others.length === 0
      ? passed(`It names ${subject.host} alone.`)
      : failed(`It names ${others.join(', ')}, too.`);
  },
};

export default scenario({
  id: 'shop-of-a-team',
  title: "A team's own Gateway gets its certificate over an HTTPRoute",
  why: 'Can a team issue and serve in its own namespace, without rights in the one of the ingress gateway?',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api'],
  manifests: import.meta.dirname,
  expects: { http: 'answers' },
  async act(steps) {
    await steps.deployApplication();
    await steps.apply('gateway.yaml');
    await steps.pointHostAt('gateway');
    await steps.untilApplicationAnswers();
    await steps.apply('issuer.yaml');
    await steps.untilIssuerReady();
    // Padlock's own certificate.yaml, as this folder has none.
    await steps.apply('certificate.yaml');
    await steps.untilCertificateReady();
    await steps.untilSolverGone();
    await steps.apply('gateway-https.yaml');
  },
  checks: ['good-path', certificateNamesTheHostAlone],
});
