import { describeAnswer, onTheWay, reachesSolver, requests, waits } from './challenge-answers.ts';
import { isOnItsWay } from './push.ts';
import { type Rule, type RuleMatch, sentences } from './rule.ts';
import { qualified, type Situation } from './situation.ts';
import type { MisplacedObject, UnreadCluster } from './surroundings.ts';
import { describeTls, isServed, onceIssued, tlsServers } from './tls-servers.ts';
import { says } from './waiting-rule.ts';

/** What is wrong between the gateway's cluster and a control plane that has an API server of its own. */

const unreadId = 'istiod-cannot-read-cluster';
const unreadRecognizes = "an istiod elsewhere that cannot read the gateway's cluster";

/** A Challenge whose solver the gateway does not know, as istiod cannot read the cluster. */
export const unreadOnTheWay: Rule = onTheWay(unreadId, unreadRecognizes, (situation, challenge) => {
  const [unread] = situation.betweenClusters?.unread ?? [];
  if (unread === undefined || isOnItsWay(challenge.routes, situation) || reachesSolver(situation, challenge))
    return null;
  return matchOf(situation, unread, waits, [
    says(challenge),
    describeAnswer(situation, challenge),
    ...requests(situation, challenge)
      .slice(0, 1)
      .map(({ status, responseFlags }) => `The gateway answered ${status} ${responseFlags}.`),
  ]);
});

/** An issued certificate that the gateway does not get, as istiod cannot read the cluster. */
export const unreadOnceIssued: Rule = onceIssued(unreadId, unreadRecognizes, (situation) => {
  const [unread] = situation.betweenClusters?.unread ?? [];
  if (unread === undefined || situation.tls === null || isServed(situation)) return null;
  return matchOf(situation, unread, 'The certificate is issued, but not served', [describeTls(situation.tls)]);
});

function matchOf(
  situation: Situation,
  unread: UnreadCluster,
  stands: string,
  evidence: readonly (string | null | false)[],
): RuleMatch {
  return {
    verdict: `${stands}: ${inSentence(unreadSentence(situation, unread))}`,
    evidence: sentences(
      `Its log says: watch error in cluster ${unread.cluster}: ${unread.reason}.`,
      'What changed in that cluster since does not reach the gateway.',
      ...evidence,
    ),
    remedy: remedyFor(unread.reason),
  };
}

function unreadSentence(situation: Situation, { pod, cluster, reason }: UnreadCluster): string {
  const { controlPlane, dataPlane } = situation.betweenClusters ?? { controlPlane: '', dataPlane: '' };
  return `Istiod (Pod ${pod} at ${controlPlane}) cannot read the cluster ${cluster} at ${dataPlane}: ${causeOf(reason)}.`;
}

/** Each watch of istiod fails with words about its own kind. What they have in common is the cause. */
function causeOf(reason: string): string {
  return reason.replace(/^failed to (?:list|watch) [^:]+: /, '').replace(/^Get "[^"]*": /, '');
}

function inSentence(sentence: string): string {
  return sentence.replace(/^Istiod/, 'istiod');
}

function remedyFor(reason: string): string {
  if (/Unauthorized|401|provide credentials|certificate has expired/i.test(reason))
    return "The credentials of istiod are refused, so they have expired or were revoked: renew the remote secret (label istio/multiCluster) with 'istioctl create-remote-secret'.";
  if (/forbidden/i.test(reason)) return 'Grant the ServiceAccount of the remote secret what istiod reads.';
  return "Check the way from the control plane to the API server of the gateway's cluster, and its address in the remote secret (label istio/multiCluster).";
}

/** A Gateway for the host in the gateway's cluster, where the control plane does not look for it. */
export const gatewayAtTheWrongApiServer: Rule = onceIssued(
  'gateway-at-the-wrong-api-server',
  'a Gateway that was applied to the data plane, while the control plane has an API server of its own',
  (situation) => {
    const between = situation.betweenClusters;
    const { secret } = situation.input.subject;
    const misplaced = between?.misplaced.find(({ credentials }) => credentials.length > 0);
    if (between === null || misplaced === undefined || isServed(situation)) return null;
    if (tlsServers(situation).some(({ credential }) => qualified(credential) === qualified(secret))) return null;
    return {
      verdict: `The certificate is issued, but not served: ${inSentence(misplacedSentence(situation, misplaced))}`,
      evidence: sentences(
        `It names the Secret ${misplaced.credentials.join(', ')}.`,
        `At ${between.controlPlane}, no Gateway names Secret ${qualified(secret)} for ${situation.host}.`,
        describeTls(situation.tls),
      ),
      remedy: `Apply ${misplaced.title} to the API server of the control plane (${between.controlPlane}), and remove it from ${between.dataPlane}.`,
    };
  },
);

function misplacedSentence(situation: Situation, { title }: MisplacedObject): string {
  return `${title} for ${situation.host} is in the cluster at ${situation.betweenClusters?.dataPlane}, where Istio's control plane does not look for it.`;
}

/** A Secret that the gateway gets from the cluster of the control plane. */
export const secretOfControlPlane: Rule = onceIssued(
  'secret-of-the-control-plane',
  'a served certificate from a Secret at the control plane, instead of the one that was issued in the data plane',
  (situation) => {
    const { tls, betweenClusters: between } = situation;
    if (tls === null || 'error' in tls.outcome || between === null || isServed(situation)) return null;
    const served = tls.outcome.chain[0]?.fingerprintSha256;
    const found = between.secrets.find(({ fingerprintSha256 }) => fingerprintSha256 === served);
    const server = tlsServers(situation).find(({ credential }) => found && qualified(credential) === qualified(found));
    if (found === undefined || server === undefined || situation.secret(server.credential) !== null) return null;
    const { secret } = situation.input.subject;
    return {
      verdict: `${situation.host} serves the certificate of Secret ${qualified(found)} at the control plane (${between.controlPlane}), and not that of Secret ${qualified(secret)}: the cluster of the gateway has no Secret ${qualified(found)}.`,
      evidence: sentences(
        describeTls(tls),
        'The served certificate has the fingerprint of the one in that Secret.',
        `Secret ${qualified(secret)} is in the cluster at ${between.dataPlane}.`,
      ),
      remedy:
        found.namespace === secret.namespace
          ? `Set credentialName to ${secret.name}, and remove Secret ${qualified(found)} from ${between.controlPlane}: nothing renews it there.`
          : `Put the Certificate (and its Issuer) into the namespace ${found.namespace}, set credentialName to ${secret.name}, and remove Secret ${qualified(found)} from ${between.controlPlane}: nothing renews it there.`,
    };
  },
);

/**
 * What is wrong between the clusters, one sentence each, whether or not it hinders the Certificate now.
 *
 * @param told the ids of the rules that have matched
 */
export function wrongBetweenClusters(situation: Situation, told: ReadonlySet<string>): readonly string[] {
  const { betweenClusters: between } = situation;
  if (between === null) return [];
  const misplaced = between.misplaced.map(
    (each) => `${misplacedSentence(situation, each)} Apply it to the API server at ${between.controlPlane}.`,
  );
  const unread = between.unread.map((each) => `${unreadSentence(situation, each)} ${remedyFor(each.reason)}`);
  return [told.has(gatewayAtTheWrongApiServer.id) ? [] : misplaced, told.has(unreadId) ? [] : unread].flat();
}
