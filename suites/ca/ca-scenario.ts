import { join } from 'node:path';
import { caIssuanceChecks, dns01Checks } from '../../src/checks/all-checks.ts';
import type { Check } from '../../src/checks/check.ts';
import { caReachedTheSolver } from '../../src/checks/http-01/ca-reached-the-solver.ts';
import { solverLeftNothing } from '../../src/checks/http-01/solver-left-nothing.ts';
import { applyDns01Issuer } from '../../src/suite/actions/dns01-issuer.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import type { ScenarioContext } from '../../src/suite/context/context.ts';
import { probeChallengePathAfter, probeTxtRecords } from '../../src/suite/context/probes.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../src/suite/context/waits.ts';
import type { FeatureName } from '../../src/suite/features.ts';
import { type Scenario, scenario } from '../../src/suite/scenario.ts';

type CaScenario = Pick<Scenario, 'id' | 'title' | 'why' | 'furtherHosts'> & {
  readonly features?: readonly FeatureName[];
  readonly solver: 'http01' | 'dns01';
  /** Files of the folder manifests, or of fixtures/shared. */
  readonly issuer: string;
  readonly certificate: string;
  /** For the placeholders of the Issuer. */
  variables?(context: ScenarioContext): Readonly<Record<string, string>>;
  /** What follows once the certificate is there. */
  afterIssuance?(context: ScenarioContext): Promise<void>;
  /** Besides those of any issuance. */
  readonly checks: readonly Check[];
  /** Those of an issuance that do not fit. */
  readonly without?: readonly Check[];
};

const solverChecks: readonly Check[] = [caReachedTheSolver, solverLeftNothing];

/** An issuance by the CA under test in its own namespace. Nothing serves the certificate. */
export function caScenario({
  solver,
  issuer,
  certificate,
  variables,
  afterIssuance,
  checks,
  without = [],
  features = [],
  ...rest
}: CaScenario): Scenario {
  const isHttp01 = solver === 'http01';
  const ofSolver: readonly FeatureName[] = isHttp01 ? ['http01', 'ingress-solver'] : ['dns01'];
  return scenario({
    ...rest,
    features: ['ca', ...ofSolver, ...features],
    changesClusterWide: null,
    // cert-manager's self-checks included (docs/decisions/0005).
    settings: {},
    manifests: join(import.meta.dirname, 'manifests'),
    sharedNamespaces: ({ gateway }) => [gateway.namespace],
    timeLimitMs: 180_000,
    subject: ({ host, namespace, gateway, applicationNamespace }) => ({
      host,
      issuer: { namespace, name: 'ca' },
      certificate: { namespace, name: 'issued' },
      secret: { namespace, name: 'issued' },
      solver: isHttp01 ? 'ingress' : 'dns01',
      gateway: { namespace: gateway.namespace, name: gateway.service },
      application: { service: `httpbin.${applicationNamespace}.svc.cluster.local`, port: 8000 },
    }),
    async act(context) {
      if (isHttp01) {
        await pointHostAtGateway(context);
        await context.apply('gateway-http.yaml');
        await context.applyIssuer(issuer, variables?.(context));
      } else {
        await applyDns01Issuer(context, issuer);
      }
      await untilIssuerReady(context);
      await context.apply(certificate);
      await untilCertificateReady(context);
      await afterIssuance?.(context);
      if (isHttp01) await untilSolverGone(context);
    },
    observe: isHttp01 ? probeChallengePathAfter : probeTxtRecords,
    checks: [...caIssuanceChecks, ...(isHttp01 ? solverChecks : dns01Checks), ...checks].filter(
      (check) => !without.includes(check),
    ),
  });
}
