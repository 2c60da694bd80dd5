import { condition, field, list, text } from '../../issuance/recorded-object.ts';
import type { Link } from '../link.ts';
import { isRecent, readySince } from '../push.ts';
import { quoted, sentences } from '../rule.ts';
import { qualified, titleOf } from '../situation.ts';
import { describeTls, isServed, istiodSays, onceIssued, tlsServers, warmingSecrets } from '../tls-servers.ts';

/** What istiod says of a proxy whose ServiceAccount may not list Secrets: the name of its Pod, and the ServiceAccount. */
const refusedByRights =
  /proxy (\S+)\.[^.\s]+ attempted to access unauthorized certificates .*?: ([^\s/]+)\/\S+ is not authorized to read secrets/;

/** The gateway, which must be allowed to read the Secret and be able to use it. */
export const permissionLink: Link = {
  id: 'permission',
  title: 'gateway may read the Secret',
  needs: ['reference'],
  done: (situation) => (isServed(situation) ? 'The gateway serves its certificate.' : null),
  rules: [
    onceIssued(
      'credential-of-other-namespace',
      "an Istio Gateway whose credentialName names another namespace than that of the gateway's Pods (pilot/pkg/xds/sds.go)",
      (situation) => {
        const { gateway: service } = situation.input.subject;
        const server = tlsServers(situation).find(
          ({ by, written, credential }) =>
            by === 'Istio' &&
            written.includes('/') &&
            !written.startsWith('kubernetes-gateway://') &&
            credential.namespace !== service.namespace,
        );
        if (server === undefined) return null;
        return {
          verdict: `The certificate is issued, but Istio gives a gateway Secrets of its own namespace (${service.namespace}) only: credentialName ${server.written} of ${titleOf(server.gateway)} is refused, and no ReferenceGrant changes that for a Gateway of networking.istio.io.`,
          evidence: sentences(
            `${situation.certificateName} is Ready and wrote Secret ${qualified(situation.input.subject.secret)}.`,
            warmingSecrets(situation).length > 0 &&
              `The gateway still waits for ${warmingSecrets(situation).join(', ')}.`,
            describeTls(situation.tls),
            ...istiodSays(situation),
          ),
          remedy: `Put the Certificate (and its Issuer) into the namespace ${service.namespace} and name the Secret without a namespace, or serve the host by a Gateway of the Gateway API.`,
        };
      },
    ),
    onceIssued(
      'gateway-without-rights',
      "a gateway whose ServiceAccount may not read Secrets, as istiod's log says (pilot/pkg/credentials/kube/secrets.go)",
      (situation) => {
        if (isServed(situation)) return null;
        const pods = situation.gatewayPods.map((pod) => text(pod, 'metadata', 'name'));
        const own = situation.input.subject.gateway.namespace;
        const server = tlsServers(situation).find(({ credential }) => credential.namespace === own);
        if (server === undefined) return null;
        for (const { source, lines } of situation.input.logs) {
          for (const line of lines.toReversed()) {
            const [said, pod, account] = refusedByRights.exec(line) ?? [];
            if (said === undefined || account === undefined || !pods.includes(pod ?? '')) continue;
            return {
              verdict: `The certificate is issued, but the gateway ${situation.gatewayName} may not read Secret ${qualified(server.credential)}: its ServiceAccount ${own}/${account} is not authorized to read Secrets.`,
              evidence: sentences(
                `The log of ${source} says: ${quoted(said)}.`,
                `${titleOf(server.gateway)} names Secret ${qualified(server.credential)}.`,
                describeTls(situation.tls),
              ),
              remedy: `Create a Role in ${own} that allows get, watch and list of secrets, and a RoleBinding of it to the ServiceAccount ${account}. istiod keeps its refusal for a minute and then does not ask by itself: restart the gateway a minute later, or give it another ServiceAccount with that right.`,
            };
          }
        }
        return null;
      },
    ),
    onceIssued(
      'listener-may-not-read',
      'a listener of a Gateway whose certificateRefs are not resolved',
      (situation) => {
        for (const { gateway, by, spec, credential } of tlsServers(situation)) {
          if (by !== 'Gateway API') continue;
          const name = text(spec, 'name');
          const status = list(gateway, 'status', 'listeners').find((each) => text(each, 'name') === name);
          const resolved = condition({ status }, 'ResolvedRefs');
          if (resolved?.status !== 'False') continue;
          const isGrant = resolved.reason === 'RefNotPermitted';
          // istiod has yet to see the new Secret.
          if (!isGrant && isRecent(readySince(situation), situation)) continue;
          const own = text(gateway, 'metadata', 'namespace') ?? '';
          const grants = situation
            .all('gateway.networking.k8s.io', 'ReferenceGrant')
            .filter((grant) => text(grant, 'metadata', 'namespace') === credential.namespace)
            .map(titleOf);
          const why = isGrant
            ? `${titleOf(gateway)} may not read Secret ${qualified(credential)}`
            : `${titleOf(gateway)} cannot use Secret ${qualified(credential)}`;
          return {
            verdict: `The certificate is issued, but ${why}: listener ${name} has ResolvedRefs False, ${resolved.reason}${isGrant ? `; ${grants.length === 0 ? 'no' : 'none of the'} ReferenceGrant${grants.length === 0 ? '' : 's'} in ${credential.namespace} allows it` : ''} (${quoted(resolved.message)}).`,
            evidence: sentences(
              `Listener ${name} says: ${resolved.reason}: ${quoted(resolved.message)}.`,
              grants.length > 0 && `ReferenceGrants in ${credential.namespace} are ${grants.join(', ')}.`,
              describeTls(situation.tls),
            ),
            remedy: isGrant
              ? `Create a ReferenceGrant in ${credential.namespace} from Gateway (group gateway.networking.k8s.io) in ${own} to Secret ${credential.name}, or put the Certificate into ${own}.`
              : `Set certificateRefs of listener ${name} to a Secret of the type kubernetes.io/tls that exists: ${qualified(situation.input.subject.secret)}.`,
          };
        }
        return null;
      },
    ),
    onceIssued(
      'credential-unusable',
      'a Secret that a Gateway names and that has no usable certificate and key',
      (situation) => {
        for (const { gateway, credential } of tlsServers(situation)) {
          const facts = situation.secret(credential);
          const [leaf] = facts?.certificates ?? [];
          if (facts === null || isServed(situation)) continue;
          const why =
            leaf === undefined
              ? 'has no certificate in tls.crt'
              : facts.privateKeyPublicSha256 === null
                ? 'has no private key in tls.key'
                : facts.privateKeyPublicSha256 !== leaf.publicKeySha256
                  ? 'has a private key that does not belong to its certificate'
                  : null;
          if (why === null) continue;
          return {
            verdict: `The certificate is issued, but ${titleOf(gateway)} names Secret ${qualified(credential)}, which ${why}.`,
            evidence: sentences(
              `Its keys are ${facts.dataKeys.join(', ') || 'none'}.`,
              describeTls(situation.tls),
              ...istiodSays(situation),
            ),
            remedy: `Name the Secret that cert-manager writes (${qualified(situation.input.subject.secret)}), or give ${qualified(credential)} both tls.crt and tls.key of the same certificate.`,
          };
        }
        return null;
      },
    ),
    onceIssued(
      'mutual-without-ca',
      'a server that demands client certificates and has no CA to verify them by',
      (situation) => {
        for (const { gateway, by, spec, credential } of tlsServers(situation)) {
          const mode = text(spec, 'tls', 'mode');
          if (by !== 'Istio' || !/^(?:OPTIONAL_)?MUTUAL$/.test(mode ?? '') || isServed(situation)) continue;
          const own = situation.secret(credential);
          const beside = situation.secret({ ...credential, name: `${credential.name}-cacert` });
          if (own === null || own.dataKeys.includes('ca.crt') || beside !== null || situation.couldNotSee('Secret'))
            continue;
          if (
            field(spec, 'tls', 'caCertificates') !== undefined ||
            field(spec, 'tls', 'caCertCredentialName') !== undefined
          )
            continue;
          return {
            verdict: `The certificate is issued, but ${titleOf(gateway)} has tls.mode ${mode} and no CA to verify clients by: Secret ${qualified(credential)} has no ca.crt, and there is no Secret ${qualified(credential)}-cacert.`,
            evidence: sentences(
              `The keys of the Secret are ${own.dataKeys.join(', ')}.`,
              describeTls(situation.tls),
              ...istiodSays(situation),
            ),
            remedy: `Create Secret ${qualified(credential)}-cacert with the CA of the clients in the key cacert (or ca.crt), or set tls.mode to SIMPLE. An ACME CA gives no ca.crt.`,
            confidence: 'inferred',
          };
        }
        return null;
      },
    ),
  ],
};
