import { join } from 'node:path';
import { caIssuanceChecks, dns01Checks } from '../../src/checks/all-checks.ts';
import type { Check } from '../../src/checks/check.ts';
import { caReachedTheSolver } from '../../src/checks/http-01/ca-reached-the-solver.ts';
import { solverLeftNothing } from '../../src/checks/http-01/solver-left-nothing.ts';
import { chainEndsAtTheCasRoot } from '../../src/checks/serving/chain-ends-at-the-cas-root.ts';
import { gatewayServesTheSecret } from '../../src/checks/serving/gateway-serves-the-secret.ts';
import type { FurtherCaOptions } from '../../src/environment/environment.ts';
import { applyDns01Issuer } from '../../src/suite/actions/dns01-issuer.ts';
import { useFurtherCa } from '../../src/suite/actions/further-ca.ts';
import { findGateway, pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { untilIssuanceEnded } from '../../src/suite/actions/renewal.ts';
import type { ScenarioContext } from '../../src/suite/context/context.ts';
import { probeChallengePathAfter, probeServedChain, probeTxtRecords } from '../../src/suite/context/probes.ts';
import type { ScenarioNames } from '../../src/suite/context/scenario-names.ts';
import {
  untilCertificateReady,
  untilChallengesGone,
  untilIssuerReady,
  untilSolverGone,
} from '../../src/suite/context/waits.ts';
import type { FeatureName } from '../../src/suite/features.ts';
import { type Scenario, scenario } from '../../src/suite/scenario.ts';

/** Values of the placeholders of a manifest. */
export type Variables = Readonly<Record<string, string>>;

type IssuanceCase = Pick<Scenario, 'id' | 'title' | 'why' | 'expectation' | 'expects' | 'furtherHosts'> &
  Partial<Pick<Scenario, 'settings' | 'timeLimitMs'>> & {
    readonly features?: readonly FeatureName[];
    readonly solver: 'http01' | 'dns01';
    /** Of the names, the one that clients ask for; the scenario's host by default. */
    readonly served?: (host: string) => string;
    /** A file of the folder manifests, or of fixtures/shared; by default the Issuer there with the case's solver. */
    readonly issuer?: string;
    readonly certificate?: string;
    /** Null where the case itself applies what serves. */
    readonly gateway?: string | null;
    /** For the placeholders of Issuer, Certificate and Gateway. */
    readonly variables?: (context: ScenarioContext) => Variables;
    /** What the case does instead of applying the Issuer and the Certificate and waiting until both are Ready. */
    readonly issue?: (context: ScenarioContext, steps: IssuanceSteps) => Promise<void>;
    /** What follows once the certificate is there. */
    readonly afterIssuance?: (context: ScenarioContext) => Promise<void>;
    /** A CA of the scenario's own instead of that of the environment. */
    readonly furtherCa?: (names: ScenarioNames) => FurtherCaOptions;
    /** Whether a ClusterIssuer issues; an Issuer by default. */
    readonly isClusterIssuer?: boolean;
    /** Whether a certificate is issued in the end, and served; true by default. */
    readonly isServed?: boolean;
    /** Besides those of any issuance that is served. */
    readonly checks?: readonly Check[];
    /** Those of any issuance that do not fit. */
    readonly without?: readonly Check[];
  };

/** The steps of a case, for one that takes them in another order. */
export interface IssuanceSteps {
  /** Applies an Issuer; that of the case by default. */
  applyIssuer(file?: string, variables?: Variables): Promise<void>;
  /** Applies a Certificate; that of the case by default. */
  applyCertificate(file?: string, variables?: Variables): Promise<void>;
}

const http01Checks: readonly Check[] = [caReachedTheSolver, solverLeftNothing];
const servedChecks: readonly Check[] = [gatewayServesTheSecret, chainEndsAtTheCasRoot];

/**
 * An issuance whose certificate the ingress gateway serves. There is no application behind it: what is asked is whether the
 * certificate arrives, and a handshake shows that.
 */
export function issuanceScenario({
  solver,
  served = (host) => host,
  issuer = solver === 'http01' ? 'issuer.yaml' : 'issuer-dns01.yaml',
  certificate = 'certificate.yaml',
  furtherCa,
  gateway = 'gateway.yaml',
  variables,
  issue,
  afterIssuance,
  isClusterIssuer = false,
  isServed = true,
  features = [],
  checks = [],
  without = [],
  settings = {},
  timeLimitMs = 180_000,
  ...rest
}: IssuanceCase): Scenario {
  const isHttp01 = solver === 'http01';
  const ofSolver: readonly FeatureName[] = isHttp01 ? ['http01', 'ingress-solver'] : ['dns01'];
  const ofIssuance = [...caIssuanceChecks, ...(isHttp01 ? http01Checks : dns01Checks), ...servedChecks];
  return scenario({
    ...rest,
    features: [...ofSolver, ...(isServed ? (['istio-gateway'] as const) : []), ...features],
    changesClusterWide: null,
    settings,
    manifests: join(import.meta.dirname, 'manifests'),
    sharedNamespaces: ({ gateway: { namespace } }) => [namespace],
    timeLimitMs,
    subject: ({ host, namespace: own, gateway: { namespace, service }, suffix }) => ({
      host: served(host),
      issuer: { namespace: isClusterIssuer ? '' : namespace, name: `${rest.id}${suffix}` },
      certificate: { namespace, name: `${rest.id}${suffix}` },
      secret: { namespace, name: `${rest.id}${suffix}` },
      solver: isHttp01 ? 'ingress' : 'dns01',
      gateway: { namespace, name: service },
      application: { service: `httpbin.${own}.svc.cluster.local`, port: 8000 },
    }),
    async act(context) {
      if (furtherCa !== undefined) await useFurtherCa(context, furtherCa(context.parts.names));
      const given = variables?.(context) ?? {};
      const steps: IssuanceSteps = {
        async applyIssuer(file = issuer, further = {}) {
          if (isHttp01) await context.applyIssuer(file, { ...given, ...further });
          else await applyDns01Issuer(context, file, { ...given, ...further });
        },
        async applyCertificate(file = certificate, further = {}) {
          await context.apply(file, { ...given, ...further });
        },
      };
      // A CA that looks for TXT records needs no address, and each takes an update of the zone.
      if (isHttp01) await pointHostAtGateway(context);
      else await findGateway(context);
      if (isHttp01) await context.apply('gateway-http.yaml', given);
      if (issue === undefined) {
        await steps.applyIssuer();
        await untilIssuerReady(context);
        await steps.applyCertificate();
        await untilCertificateReady(context);
      } else {
        await issue(context, steps);
      }
      if (!isServed) return;
      // Ready comes a moment before the end, and a busy cert-manager may begin once more by an old copy of the Secret.
      await untilIssuanceEnded(context, 1);
      if (gateway !== null) await context.apply(gateway, given);
      await afterIssuance?.(context);
      if (isHttp01) await untilSolverGone(context);
      else await untilChallengesGone(context);
    },
    async observe(context) {
      if (isServed) await probeServedChain(context);
      if (isHttp01) await probeChallengePathAfter(context);
      else await probeTxtRecords(context);
    },
    checks: [...(isServed ? ofIssuance : []), ...checks].filter((check) => !without.includes(check)),
  });
}
