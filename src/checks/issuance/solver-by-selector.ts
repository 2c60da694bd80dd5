import { historiesOf, lastLivingState, list, nameOf, text, texts } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** How well a selector fits a name, as cert-manager ranks them; null if it does not. Its other dimension, labels, is not looked at. */
function rankOf(solver: unknown, name: string): number | null {
  const names = texts(solver, 'selector', 'dnsNames');
  const zones = texts(solver, 'selector', 'dnsZones');
  if (names.includes(name)) return Number.POSITIVE_INFINITY;
  const zone = Math.max(...zones.filter((one) => name === one || name.endsWith(`.${one}`)).map((one) => one.length));
  return Number.isFinite(zone) ? zone : null;
}

/** cert-manager's documentation, "Using Multiple Solver Types": a name before a zone, the longest zone first. */
export const solverBySelector: Check = {
  id: 'solver-by-selector',
  asserts:
    "Each Challenge has the solver whose selector fits its name best, by the Issuer's dnsNames and dnsZones, and the Challenges of one issuance have at least two kinds of solvers.",
  judge(evidence, { challenges }) {
    const issuer = historiesOf(evidence.objects, 'cert-manager.io', 'Issuer', evidence.subject.issuer).at(-1);
    const solvers = list(issuer && lastLivingState(issuer)?.object, 'spec', 'acme', 'solvers');
    if (solvers.length < 2) return failed('No Issuer with several solvers was recorded.');
    if (challenges.length === 0) return failed('No Challenge was recorded.');
    const kindOf = (solver: unknown) =>
      ['dns01', 'http01'].find((kind) => typeof solver === 'object' && solver !== null && kind in solver) ?? 'none';
    const seen: string[] = [];
    for (const { history, dnsName } of challenges) {
      const best = solvers
        .map((solver) => ({ solver, rank: rankOf(solver, dnsName ?? '') }))
        .filter(({ rank }) => rank !== null)
        .toSorted((one, other) => (other.rank ?? 0) - (one.rank ?? 0))[0];
      if (best === undefined)
        return failed(`${nameOf(history)} is for ${dnsName}, which no selector of the Issuer fits.`);
      const wanted = kindOf(best.solver);
      const type = text(lastLivingState(history)?.object, 'spec', 'type');
      const used = type === 'DNS-01' ? 'dns01' : 'http01';
      if (used !== wanted)
        return failed(
          `${nameOf(history)} for ${dnsName} should be solved by ${wanted}, whose selector fits best, but is solved by ${used}.`,
        );
      seen.push(`${dnsName} by ${used}`);
    }
    const kinds = new Set(seen.map((each) => each.split(' by ')[1]));
    if (kinds.size < 2)
      return failed(`All Challenges have one kind of solver (${seen.join(', ')}), which proves no choice.`);
    return passed(`${seen.join(', ')}: each by the solver whose selector fits best.`);
  },
};
