import { issuanceChecks } from '../../src/checks/all-checks.ts';
import { caReachedTheSolver } from '../../src/checks/ca-reached-the-solver.ts';
import type { Check } from '../../src/checks/check.ts';
import { solverLeftNothing } from '../../src/checks/solver-left-nothing.ts';
import { type Scenario, scenario } from '../../src/suite/scenario.ts';
import type { Stage } from '../../src/suite/stage.ts';

type CaScenario = Pick<Scenario, 'id' | 'title' | 'why' | 'unmet' | 'furtherHosts'> & {
  readonly features?: readonly string[];
  readonly solver: 'http01' | 'dns01';
  /** Files of fixtures/ca. */
  readonly issuer: string;
  readonly certificate: string;
  /** For the placeholders of the Issuer. */
  variables?(stage: Stage): Readonly<Record<string, string>>;
  /** What follows once the certificate is there. */
  afterIssuance?(stage: Stage): Promise<void>;
  /** Besides those of any issuance. */
  readonly checks: readonly Check[];
  /** Those of an issuance that do not fit. */
  readonly without?: readonly Check[];
};

const http01Checks: readonly Check[] = [caReachedTheSolver, solverLeftNothing];

/** An issuance by the CA under test, in a namespace of its own, from which nothing is served. */
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
  return scenario({
    ...rest,
    features: ['ca', solver, ...(isHttp01 ? ['ingress-solver'] : []), ...features],
    changesClusterWide: null,
    // cert-manager's self-checks included (docs/decisions/0005).
    settings: {},
    manifests: 'ca',
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
    async act(stage) {
      if (isHttp01) {
        await stage.pointHostAtGateway();
        await stage.apply('gateway.yaml');
        await stage.applyIssuer(issuer, variables?.(stage));
      } else {
        await stage.applyDns01Issuer(issuer);
      }
      await stage.untilReady('Issuer');
      await stage.apply(certificate);
      await stage.untilReady('Certificate');
      await afterIssuance?.(stage);
      if (isHttp01) await stage.untilSolverGone();
    },
    observe: (stage) => (isHttp01 ? stage.probeChallengePathAfter() : stage.probeTxtRecords()),
    checks: [...issuanceChecks, ...(isHttp01 ? http01Checks : []), ...checks].filter(
      (check) => !without.includes(check),
    ),
  });
}
