import { field, list, text, texts } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type Situation, titleOf } from './situation.ts';

/** cert-manager looks at an Order and makes its Challenges within seconds. */
const longestChoiceMs = 15_000;

/** An authorization that no solver of the issuer fits: cert-manager then makes no Challenge and gives no state of its own. */
export const noSolverFitsRule: Rule = {
  id: 'no-solver-fits',
  recognizes: 'an Order for whose names no solver of the issuer fits',
  look(situation) {
    const { order, issuer } = situation;
    if (order === null || issuer === null || situation.isIssued || situation.challenges.length > 0) return null;
    const state = text(order, 'status', 'state');
    if ((state !== 'pending' && state !== null) || situation.couldNotSee('Challenge')) return null;
    const said = situation
      .eventsOf(order)
      // Other events of the reason Solver are errors that pass, such as a request of cert-manager that timed out.
      .findLast(({ message }) => /no configured challenge solvers/i.test(message));
    const unsolved = list(order, 'status', 'authorizations').filter((each) => whyUnsolved(each, situation) !== null);
    const [first] = unsolved;
    if (said === undefined && (first === undefined || !(situation.ageOf(order) > longestChoiceMs))) return null;
    const why = first === undefined ? null : whyUnsolved(first, situation);
    const name = first === undefined ? situation.host : nameOf(first);
    return {
      verdict: `The Order for ${name} cannot go on: ${why ?? quoted(said?.message ?? '')}.`,
      evidence: sentences(
        said !== undefined && `${titleOf(order)} has the event ${said.reason}: ${quoted(said.message)}.`,
        `${titleOf(order)} is ${state ?? 'new'} and has no Challenge.`,
        `${situation.issuerName} has ${describeSolvers(situation)}.`,
      ),
      remedy: remedyFor(first, situation),
      confidence: said === undefined ? 'inferred' : 'seen',
    };
  },
};

function nameOf(authorization: unknown): string {
  const name = text(authorization, 'identifier') ?? '';
  return field(authorization, 'wildcard') === true ? `*.${name}` : name;
}

function solversOf({ issuer }: Situation): readonly unknown[] {
  return list(issuer, 'spec', 'acme', 'solvers');
}

function typeOf(solver: unknown): 'dns-01' | 'http-01' {
  return field(solver, 'dns01') === undefined ? 'http-01' : 'dns-01';
}

/** The types that the CA offers, of those that cert-manager solves. A CA may offer more, such as dns-account-01. */
function offered(authorization: unknown): readonly string[] {
  return list(authorization, 'challenges')
    .flatMap((challenge) => text(challenge, 'type') ?? [])
    .filter((type) => ['http-01', 'dns-01'].includes(type));
}

/** Why no solver fits an authorization; null where one does. cert-manager: pkg/controller/acmeorders/util.go. */
function whyUnsolved(authorization: unknown, situation: Situation): string | null {
  const types = offered(authorization);
  const solvers = solversOf(situation);
  const isWildcard = field(authorization, 'wildcard') === true;
  if (solvers.length === 0) return `${situation.issuerName} has no solver`;
  const ofType = solvers.filter((solver) => types.includes(typeOf(solver)));
  if (types.length > 0 && ofType.length === 0) {
    const kind = types.join(' and ');
    return `the CA offers ${kind} alone${isWildcard ? ' for a wildcard' : ''}, and no solver of ${situation.issuerName} does ${kind}`;
  }
  const selected = ofType.filter((solver) => selects(solver, nameOf(authorization), situation));
  if (selected.length > 0) return null;
  return `no selector (dnsNames, dnsZones, matchLabels) of the solvers of ${situation.issuerName} fits the name`;
}

function selects(solver: unknown, name: string, { certificate }: Situation): boolean {
  const names = texts(solver, 'selector', 'dnsNames');
  const zones = texts(solver, 'selector', 'dnsZones');
  const labels = Object.entries(Object(field(solver, 'selector', 'matchLabels')));
  if (names.length > 0 && !names.includes(name)) return false;
  if (zones.length > 0 && !zones.some((zone) => name === zone || name.endsWith(`.${zone}`))) return false;
  return labels.every(([label, value]) => field(certificate, 'metadata', 'labels', label) === value);
}

function describeSolvers(situation: Situation): string {
  const solvers = solversOf(situation).map((solver) => {
    const selector = field(solver, 'selector');
    return `${typeOf(solver)}${selector === undefined ? '' : ` for ${JSON.stringify(selector)}`}`;
  });
  return solvers.length === 0 ? 'no solver' : `the solvers ${solvers.join(', ')}`;
}

function remedyFor(authorization: unknown, situation: Situation): string {
  const isWildcard = field(authorization, 'wildcard') === true;
  const types = offered(authorization);
  const needsDns = types.length > 0 && types.every((type) => type === 'dns-01');
  if (isWildcard && needsDns)
    return `Add a dns01 solver to ${situation.issuerName} (with a selector for the name), or ask for the single names instead of the wildcard.`;
  if (needsDns) return `Add a dns01 solver to ${situation.issuerName}.`;
  return `Add a solver to ${situation.issuerName} that fits the name: without a selector, or with the name in selector.dnsNames or its zone in selector.dnsZones.`;
}
