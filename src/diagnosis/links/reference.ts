import { namesHost } from '../../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../../issuance/recorded-object.ts';
import { gatewayAtTheWrongApiServer, secretOfControlPlane } from '../between-clusters.ts';
import { gatewayStoppedRule, istiodStoppedRule } from '../control-plane.ts';
import type { Link } from '../link.ts';
import { sentences } from '../rule.ts';
import { qualified, type Situation, titleOf } from '../situation.ts';
import {
  describeTls,
  isServed,
  istiodSays,
  onceIssued,
  otherTls,
  selectsGateway,
  tlsServers,
  warmingSecrets,
} from '../tls-servers.ts';

/** The Gateway, which must name the Secret. */
export const referenceLink: Link = {
  id: 'reference',
  title: 'Gateway names the Secret',
  needs: ['secret'],
  done: (situation) => {
    const { secret } = situation.input.subject;
    const server = tlsServers(situation).find(({ credential }) => qualified(credential) === qualified(secret));
    return server === undefined ? null : `${titleOf(server.gateway)} names Secret ${qualified(secret)}.`;
  },
  rules: [
    gatewayStoppedRule,
    istiodStoppedRule,
    gatewayAtTheWrongApiServer,
    secretOfControlPlane,
    onceIssued(
      'ingress-tls-in-other-namespace',
      "an Ingress whose tls Secret is in its own namespace, while Istio looks in that of its gateway's Pods",
      (situation) => {
        const { secret } = situation.input.subject;
        const server = tlsServers(situation).find(
          ({ by, gateway, credential }) =>
            by === 'Ingress' &&
            credential.name === secret.name &&
            text(gateway, 'metadata', 'namespace') === secret.namespace &&
            credential.namespace !== secret.namespace,
        );
        if (server === undefined || situation.secret(server.credential) !== null) return null;
        if (situation.couldNotSee('Secret')) return null;
        return {
          verdict: `The certificate is issued into Secret ${qualified(secret)}, but Istio takes the secretName of ${titleOf(server.gateway)} from the namespace of its gateway's Pods: ${qualified(server.credential)}, which is not there.`,
          evidence: sentences(
            `${situation.certificateName} is Ready and wrote Secret ${qualified(secret)}.`,
            `There is no Secret ${qualified(server.credential)}.`,
            describeTls(situation.tls),
            ...istiodSays(situation),
          ),
          remedy: `Put the Certificate (and its Issuer) into the namespace ${server.credential.namespace}, or serve the host by a Gateway instead of the tls of the Ingress.`,
        };
      },
    ),
    onceIssued(
      'secret-in-other-namespace',
      'a Gateway that looks for the Secret in another namespace (istio#27740)',
      (situation) => {
        const { secret } = situation.input.subject;
        const server = tlsServers(situation).find(
          ({ credential }) => credential.name === secret.name && credential.namespace !== secret.namespace,
        );
        if (server === undefined || situation.secret(server.credential) !== null) return null;
        if (situation.couldNotSee('Secret') || isServed(situation)) return null;
        const warming = warmingSecrets(situation);
        return {
          verdict: `The certificate is issued, but the gateway does not find it: ${titleOf(server.gateway)} uses Secret ${qualified(server.credential)}, but the certificate is in ${qualified(secret)}.`,
          evidence: sentences(
            `${situation.certificateName} is Ready and wrote Secret ${qualified(secret)}.`,
            `There is no Secret ${qualified(server.credential)}.`,
            warming.length > 0 && `The gateway still waits for ${warming.join(', ')}.`,
            describeTls(situation.tls),
            ...istiodSays(situation),
          ),
          remedy:
            server.by === 'Gateway API'
              ? `Put the Certificate into the namespace ${server.credential.namespace} of the Gateway, or set namespace ${secret.namespace} in the listener's certificateRefs and allow it with a ReferenceGrant there.`
              : `Put the Certificate (and its Issuer) into the namespace ${server.credential.namespace}, where the gateway's Pods are. Istio gives a gateway Secrets of its own namespace only.`,
        };
      },
    ),
    onceIssued('credential-missing', 'a Gateway that names a Secret that does not exist', (situation) => {
      const server = tlsServers(situation).find(({ credential }) => situation.secret(credential) === null);
      if (server === undefined || situation.couldNotSee('Secret') || 'chain' in (situation.tls?.outcome ?? {}))
        return null;
      const warming = warmingSecrets(situation);
      return {
        verdict: `The certificate is issued, but not served: ${titleOf(server.gateway)} uses Secret ${qualified(server.credential)}, which does not exist.`,
        evidence: sentences(
          `${situation.certificateName} is Ready and wrote Secret ${qualified(situation.input.subject.secret)}.`,
          warming.length > 0 && `The gateway still waits for ${warming.join(', ')}.`,
          describeTls(situation.tls),
          ...istiodSays(situation),
        ),
        remedy: `Set ${server.by === 'Gateway API' ? "the listener's certificateRefs" : server.by === 'Ingress' ? 'secretName of its tls' : 'credentialName'} to ${situation.input.subject.secret.name}.`,
      };
    }),
    onceIssued(
      'gateway-selects-other-pods',
      'a Gateway for the host whose selector does not match the Pods of the gateway that the host leads to',
      (situation) => {
        if (tlsServers(situation).length > 0 || otherTls(situation).length > 0 || situation.gatewayPods.length === 0)
          return null;
        if (situation.tls !== null && 'chain' in situation.tls.outcome) return null;
        const gateway = situation
          .all('networking.istio.io', 'Gateway')
          .find((each) =>
            list(each, 'spec', 'servers').some(
              (server) =>
                field(server, 'tls', 'credentialName') !== undefined &&
                texts(server, 'hosts').some((pattern) => namesHost(pattern, situation.host)),
            ),
          );
        if (gateway === undefined || selectsGateway(gateway, situation)) return null;
        const selector = JSON.stringify(field(gateway, 'spec', 'selector'));
        const labels = JSON.stringify(field(situation.gatewayPods[0], 'metadata', 'labels'));
        return {
          verdict: `The certificate is issued, but ${titleOf(gateway)} does not serve it at the gateway ${situation.gatewayName}, where ${situation.host} leads: its selector ${selector} does not match that gateway's Pods.`,
          evidence: sentences(`Their labels are ${labels}.`, describeTls(situation.tls)),
          remedy: `Set spec.selector of ${titleOf(gateway)} to labels of those Pods, or point ${situation.host} at the gateway that it selects.`,
          confidence: 'inferred',
        };
      },
    ),
    onceIssued('no-tls-server', 'an issued certificate that no Gateway serves', (situation) => {
      if (
        situation.host === '' ||
        tlsServers(situation).length > 0 ||
        otherTls(situation).length > 0 ||
        situation.couldNotSee('Gateway')
      )
        return null;
      if (situation.tls !== null && 'chain' in situation.tls.outcome) return null;
      return {
        verdict: `The certificate is issued, but no Gateway serves ${situation.host} over TLS.`,
        evidence: sentences(
          `${situation.certificateName} is Ready and wrote Secret ${qualified(situation.input.subject.secret)}.`,
          `No Gateway has a TLS server for ${situation.host}.`,
          describeTls(situation.tls),
        ),
        remedy: remedyWithoutServer(situation),
      };
    }),
  ],
};

/** Istio reads credentialName in the namespace of the gateway's Pods alone; the Gateway API may refer to other namespaces. */
function remedyWithoutServer({ input }: Situation): string {
  const { secret, gateway } = input.subject;
  if (secret.namespace === gateway.namespace)
    return `Add to a Gateway a server on port 443 with tls.mode SIMPLE and credentialName ${secret.name}.`;
  return `Create a Gateway of the Gateway API in ${gateway.namespace} with a listener on port 443 whose certificateRefs name Secret ${qualified(secret)}, and a ReferenceGrant in ${secret.namespace} that allows it; or put the Certificate into ${gateway.namespace} and add to an Istio Gateway a server with credentialName ${secret.name}.`;
}
