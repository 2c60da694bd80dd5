import { field, list, text } from '../../issuance/recorded-object.ts';
import type { Link } from '../link.ts';
import { quoted, sentences } from '../rule.ts';
import { type Situation, titleOf } from '../situation.ts';
import { solverNotCreatedRule } from '../solver-not-created.ts';
import { onWaiting, says } from '../waiting-rule.ts';

/** The default of cert-manager's --max-concurrent-challenges. */
const mostChallenges = 60;

/** What cert-manager does to present a Challenge. */
export const challengeLink: Link = {
  id: 'challenge',
  title: 'Challenge presented',
  needs: ['order'],
  done: ({ waiting }) =>
    field(waiting?.object, 'status', 'presented') === true ? `${waiting?.name ?? 'It'} is presented.` : null,
  rules: [
    onWaiting(
      'name-blocked-by-another-challenge',
      'a Challenge that cert-manager has not begun, because it works on another one for the same name',
      (situation, challenge) => {
        if (!isNotBegun(challenge.object)) return null;
        const mine = text(challenge.object, 'metadata', 'uid');
        const others = situation
          .all('acme.cert-manager.io', 'Challenge')
          .filter((other) => text(other, 'metadata', 'uid') !== mine && isUnderWay(other));
        const other = others.find(
          (each) =>
            text(each, 'spec', 'dnsName') === challenge.host &&
            (text(each, 'spec', 'type') ?? 'HTTP-01') === challenge.type,
        );
        if (other === undefined) return null;
        const certificate = certificateOf(situation, other);
        const reason = text(other, 'status', 'reason');
        return {
          verdict: `The Challenge has not been begun: cert-manager works on one ${challenge.type} Challenge per name at a time, and ${titleOf(other)} for the same name ${challenge.host} is not through.`,
          evidence: sentences(
            `${challenge.name} has neither a state nor a reason, and no solver.`,
            `${titleOf(other)} is ${text(other, 'status', 'state') ?? 'under way'}${reason === null ? '' : ` and says: ${quoted(reason)}`}.`,
          ),
          remedy: `Cure or delete ${certificate ?? `the Certificate that ${titleOf(other)} belongs to`}: trace it to see why it is not through.`,
        };
      },
    ),
    onWaiting(
      'too-many-challenges',
      'a Challenge that cert-manager has not begun, because it works on as many as it may',
      (situation, challenge) => {
        if (!isNotBegun(challenge.object)) return null;
        const count = situation.all('acme.cert-manager.io', 'Challenge').filter(isUnderWay).length;
        if (count < mostChallenges) return null;
        return {
          verdict: `The Challenge has not been begun: cert-manager works on ${count} Challenges, and by default on at most ${mostChallenges} at a time.`,
          evidence: [`${challenge.name} has neither a state nor a reason, and no solver.`],
          remedy:
            'Cure or delete the Certificates whose Challenges do not get through, or raise --max-concurrent-challenges of cert-manager.',
          confidence: 'inferred',
        };
      },
    ),
    onWaiting('challenge-hangs-on-deletion', 'a deleted Challenge whose solver cannot be removed', (_, challenge) => {
      const since = text(challenge.object, 'metadata', 'deletionTimestamp');
      if (since === null) return null;
      return {
        verdict: `${challenge.name} was deleted but its finalizer cannot complete: cert-manager cannot remove what it created to solve it.`,
        evidence: sentences(`It has been terminating since ${since}.`, says(challenge)),
        remedy:
          'Restore what cert-manager used to solve the challenge (the DNS credentials, the Issuer), so that it can clean up. Removing the finalizer by hand leaves the record behind.',
      };
    }),
    onWaiting(
      'dns01-wrong-key',
      'a DNS server that refuses the update for its key (TSIG, RFC 8945)',
      (_, challenge) => {
        const provider = field(challenge.object, 'spec', 'solver', 'dns01', 'rfc2136');
        // NOTAUTH alone does not match: a server also returns it for a zone that it does not serve (RFC 2136, section 2.2).
        if (provider === undefined || !/bad authentication|BADSIG|BADKEY/i.test(challenge.reason)) return null;
        const key = text(provider, 'tsigKeyName');
        return {
          verdict: `The Challenge cannot be presented: the name server ${text(provider, 'nameserver') ?? 'of the solver'} refuses the update because the signature by the TSIG key '${key ?? 'none'}' is wrong.`,
          evidence: sentences(says(challenge)),
          remedy:
            'Put the right key into the Secret of tsigSecretSecretRef, and check tsigKeyName and tsigAlgorithm. Do this before the Challenge is deleted: its finalizer needs the key too.',
        };
      },
    ),
    onWaiting('dns01-not-presented', 'a DNS-01 Challenge whose record cannot be created', (_, challenge) => {
      if (challenge.type !== 'DNS-01' || field(challenge.object, 'status', 'presented') === true) return null;
      if (challenge.reason === '') return null;
      return {
        verdict: `The Challenge cannot be presented: ${quoted(challenge.reason)}.`,
        evidence: sentences(says(challenge)),
        remedy:
          "Fix what the DNS provider reports: credentials, zone, permissions. cert-manager's log has the details.",
      };
    }),
    solverNotCreatedRule,
  ],
};

/** Whether the scheduler has not yet taken a Challenge up (cert-manager: pkg/controller/acmechallenges/scheduler). */
function isNotBegun(challenge: unknown): boolean {
  return (
    field(challenge, 'status', 'processing') !== true &&
    field(challenge, 'status', 'presented') !== true &&
    ['', 'pending'].includes(text(challenge, 'status', 'state') ?? '') &&
    text(challenge, 'status', 'reason') === null
  );
}

function isUnderWay(challenge: unknown): boolean {
  const isOver = ['valid', 'invalid', 'errored', 'expired'].includes(text(challenge, 'status', 'state') ?? '');
  return (
    !isOver && (field(challenge, 'status', 'processing') === true || field(challenge, 'status', 'presented') === true)
  );
}

/** The Certificate that a Challenge belongs to, by its owners; null where they were not seen. */
function certificateOf(situation: Situation, challenge: unknown): string | null {
  const ownerOf = (object: unknown, group: string, kind: string) =>
    situation
      .all(group, kind)
      .find((each) =>
        list(object, 'metadata', 'ownerReferences').some(
          (owner) => text(owner, 'uid') === text(each, 'metadata', 'uid'),
        ),
      );
  const order = ownerOf(challenge, 'acme.cert-manager.io', 'Order');
  const name = text(order, 'metadata', 'annotations', 'cert-manager.io/certificate-name');
  const namespace = text(challenge, 'metadata', 'namespace');
  return name === null ? null : `Certificate ${namespace}/${name}`;
}
