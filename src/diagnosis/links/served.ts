import type { ObjectReference } from '../../evidence/evidence.ts';
import { field, list, text } from '../../issuance/recorded-object.ts';
import { parseCertificates, pathToRoot } from '../../issuance/x509-chain.ts';
import { unreadOnceIssued } from '../between-clusters.ts';
import { type Link, step } from '../link.ts';
import { isOnItsWay, isRecent, readySince } from '../push.ts';
import { quoted, type Rule, sentences } from '../rule.ts';
import { qualified, titleOf } from '../situation.ts';
import {
  describeTls,
  isServed,
  istiodSays,
  onceIssued,
  otherTls,
  selectsGateway,
  servedSecrets,
  tlsServers,
} from '../tls-servers.ts';

/** The certificate that the host serves, by its name (SNI). */
export const servedLink: Link = {
  id: 'served',
  title: 'certificate served',
  needs: ['secret', 'reference', 'permission'],
  done: () => null,
  rules: [
    unreadOnceIssued,
    onceIssued(
      'host-claimed-twice',
      'two Gateways that have the same host on the same port, of which Istio takes the older',
      (situation) => {
        const own = tlsServers(situation).find(({ credential }) => isSame(credential, situation.input.subject.secret));
        const served = servedSecrets(situation);
        if (
          own === undefined ||
          served.length === 0 ||
          served.some(({ credential }) => isSame(credential, own.credential))
        )
          return null;
        const other = served.find(
          ({ gateway, by, port }) => by === own.by && port === own.port && gateway !== own.gateway,
        );
        if (other === undefined) return null;
        const [born, otherBorn] = [own, other].map(({ gateway }) => text(gateway, 'metadata', 'creationTimestamp'));
        const isMoreSpecific = own.pattern !== other.pattern;
        const why = isMoreSpecific
          ? `names it as ${other.pattern}, which is the closer match than ${own.pattern}`
          : otherBorn !== born
            ? 'is older'
            : 'comes first by its name';
        return {
          verdict: `${titleOf(other.gateway)} has the host ${situation.host} on port ${other.port ?? 443} too and ${why}, so Istio ignores ${titleOf(own.gateway)} for it; served is the certificate of Secret ${qualified(other.credential)}.`,
          evidence: sentences(
            `${titleOf(own.gateway)} was created at ${born} and names Secret ${qualified(own.credential)}.`,
            `${titleOf(other.gateway)} was created at ${otherBorn} and names Secret ${qualified(other.credential)}.`,
            describeTls(situation.tls),
            'The served certificate has the fingerprint of the one in that Secret.',
          ),
          remedy: `Take the host away from ${titleOf(other.gateway)}, or set its credentialName to ${own.written}.`,
        };
      },
    ),
    onceIssued(
      'another-secret-served',
      'a gateway that serves the certificate of another Secret than that of the Certificate',
      (situation) => {
        const [server] = servedSecrets(situation);
        const { secret } = situation.input.subject;
        if (server === undefined || isServed(situation)) return null;
        return {
          verdict: `${situation.host} serves the certificate of Secret ${qualified(server.credential)}, which ${titleOf(server.gateway)} names, and not that of Secret ${qualified(secret)}.`,
          evidence: sentences(
            describeTls(situation.tls),
            'The served certificate has the fingerprint of the one in that Secret.',
          ),
          remedy: `Let ${titleOf(server.gateway)} name ${secret.name}${server.credential.namespace === secret.namespace ? '' : `, and put the Certificate into the namespace ${server.credential.namespace}`}. A copy of a Secret is not renewed with it.`,
        };
      },
    ),
    onceIssued(
      'service-without-tls-port',
      'a gateway whose Service has no port 443, or a Gateway whose server is on another port',
      (situation) => {
        const { tls } = situation;
        if (tls === null || !('error' in tls.outcome)) return null;
        const service = situation.named('', 'Service', situation.input.subject.gateway);
        const ports = list(service, 'spec', 'ports').map((port) => field(port, 'port'));
        const servers = tlsServers(situation).filter(({ credential }) =>
          isSame(credential, situation.input.subject.secret),
        );
        if (service !== null && ports.length > 0 && !ports.includes(443))
          return {
            verdict: `The certificate is issued, but the Service ${situation.gatewayName} of the gateway has no port 443 (it has ${ports.join(', ')}).`,
            evidence: sentences(describeTls(tls)),
            remedy: `Add port 443 to Service ${situation.gatewayName}.`,
          };
        const [server] = servers;
        if (server === undefined || servers.some(({ port }) => port === null || port === 443)) return null;
        // The port of a Service may lead to another port of a server (Istio: the Service's targetPort counts as well).
        const target = list(service, 'spec', 'ports').find((port) => field(port, 'port') === 443);
        if (servers.some(({ port }) => port === field(target, 'targetPort'))) return null;
        return {
          verdict: `The certificate is issued, but ${titleOf(server.gateway)} serves ${situation.host} on port ${server.port} and not on 443, where clients connect.`,
          evidence: sentences(describeTls(tls)),
          remedy: `Set the port of the server in ${titleOf(server.gateway)} to 443.`,
        };
      },
    ),
    step(
      onceIssued(
        'serving-begins',
        'a certificate that was issued, or a Gateway that was made, just now',
        (situation) => {
          const { tls } = situation;
          const gateways = tlsServers(situation).map(({ gateway }) => gateway);
          const issuedAt = readySince(situation);
          const isNew = isRecent(issuedAt, situation) || isOnItsWay(gateways, situation);
          if (tls === null || !isNew || isServed(situation) || 'chain' in tls.outcome) return null;
          return {
            verdict: `The certificate is issued, but ${situation.host} at ${tls.address} does not serve it yet: istiod gives a gateway what is new by a push, which takes seconds.`,
            evidence: sentences(issuedAt !== null && `It is Ready since ${issuedAt}.`, describeTls(tls)),
            remedy: 'Nothing yet. Run it again in half a minute.',
          };
        },
      ),
    ),
    onceIssued('not-served', 'an issued certificate whose host does not answer over TLS', (situation) => {
      const { tls } = situation;
      if (tls === null || !('error' in tls.outcome)) return null;
      return {
        verdict: `The certificate is issued, but ${situation.host} at ${tls.address} does not answer over TLS: ${quoted(tls.outcome.error)}.`,
        evidence: sentences(
          `${situation.certificateName} is Ready.`,
          ...situation.input.gatewayConfigs.map(
            ({ pod, listeners }) =>
              `Envoy in ${pod} listens on ${listeners.map(({ port, state }) => `${port} (${state})`).join(', ') || 'no port'}.`,
          ),
          ...istiodSays(situation),
        ),
        remedy: "Check the Gateway's port and hosts, the ports of the gateway's Service, and istiod's log.",
      };
    }),
    onceIssued(
      'another-certificate-served',
      'a gateway that serves a different certificate from the one in the Secret',
      (situation) => {
        const { tls } = situation;
        const wanted = situation.secret(situation.input.subject.secret)?.certificates[0];
        if (tls === null || 'error' in tls.outcome || wanted === undefined) return null;
        const [leaf] = tls.outcome.chain;
        if (leaf === undefined || leaf.fingerprintSha256 === wanted.fingerprintSha256) return null;
        const other = otherTls(situation).find(({ gateway }) => selectsGateway(gateway, situation));
        const by =
          other === undefined
            ? ''
            : other.file === null
              ? `; ${titleOf(other.gateway)} passes TLS through to the application, which has a certificate of its own`
              : `; ${titleOf(other.gateway)} takes it from the file ${other.file}`;
        const { secret } = situation.input.subject;
        return {
          verdict: `${situation.host} at ${tls.address} serves another certificate (serial ${leaf.serialNumber}) than the one in Secret ${qualified(secret)} (serial ${wanted.serialNumber})${by}.`,
          evidence: sentences(
            `The served certificate is for ${leaf.dnsNames.join(', ')}, ${leaf.issuer === '' ? '' : `issued by ${leaf.issuer}, `}valid from ${leaf.notBefore} to ${leaf.notAfter}.`,
            `The Secret's certificate is issued by ${wanted.issuer}, valid from ${wanted.notBefore} to ${wanted.notAfter}.`,
          ),
          remedy:
            other === undefined
              ? 'Check which Gateway serves the host and which Secret it names, and whether a load balancer or CDN in front of the gateway terminates TLS. A certificate from a mounted file may be outdated.'
              : other.file === null
                ? `Let ${titleOf(other.gateway)} terminate TLS (mode SIMPLE with credentialName ${secret.name}), or give the certificate to the application.`
                : `Set credentialName: ${secret.name} in ${titleOf(other.gateway)}, in place of serverCertificate and privateKey. A file is not renewed with the Secret.`,
        };
      },
    ),
    onceIssued(
      'ends-at-another-root',
      'a served chain that does not end at a root that the client trusts',
      (situation) => {
        const { tls } = situation;
        if (tls === null || 'error' in tls.outcome || tls.outcome.authorized || situation.input.ca.roots.length === 0)
          return null;
        const served = parseCertificates(tls.outcome.chain, 'the served chain');
        const roots = parseCertificates(situation.input.ca.roots, 'the roots');
        if (typeof served === 'string' || typeof roots === 'string' || pathToRoot(served, roots) !== null) return null;
        const last = tls.outcome.chain.at(-1);
        return {
          verdict: `The issued certificate is served, but its chain does not end at a root that the client trusts: it ends at ${last?.issuer ?? 'nothing'}.`,
          evidence: sentences(
            describeTls(tls),
            `The client trusts ${situation.input.ca.roots.map(({ subject }) => subject).join('; ')}, and reports ${tls.outcome.authorizationError}.`,
          ),
          remedy:
            'Trust the root of the issuing CA, or order from a CA whose root the clients trust (spec.acme.server and, if the CA offers several chains, preferredChain).',
        };
      },
    ),
    onceIssued('refused-by-clients', 'a served certificate that a client refuses for another reason', (situation) => {
      const { tls } = situation;
      if (tls === null || 'error' in tls.outcome || tls.outcome.authorized || situation.input.ca.roots.length === 0)
        return null;
      return {
        verdict: `The issued certificate is served, but clients refuse it: ${tls.outcome.authorizationError ?? 'for no reason given'}.`,
        evidence: sentences(describeTls(tls)),
        remedy: 'Compare the names and the validity of the certificate with the host and the clock of the client.',
      };
    }),
    good(
      onceIssued('served', 'a complete issuance', (situation) => {
        const { tls } = situation;
        const wanted = situation.secret(situation.input.subject.secret)?.certificates[0];
        if (tls === null || 'error' in tls.outcome) return null;
        const trusted =
          situation.input.ca.roots.length === 0
            ? "; whether clients trust its root was not checked (pass the CA's root with --ca-bundle)"
            : ', and its chain ends at a root that the client trusts';
        return {
          verdict:
            wanted === undefined
              ? `${situation.certificateName} is Ready, and ${situation.host} serves a certificate; whether it is the one in the Secret could not be determined.`
              : `Nothing is wrong: ${situation.certificateName} is issued and served at ${tls.address}${trusted}.`,
          evidence: sentences(describeTls(tls)),
          remedy: null,
        };
      }),
    ),
    good(
      onceIssued('issued', 'an issued certificate whose serving could not be checked', (situation) => ({
        verdict: `${situation.certificateName} is issued; whether it is served could not be checked.`,
        evidence: [`Secret ${qualified(situation.input.subject.secret)} was written.`],
        remedy: null,
      })),
    ),
  ],
};

function good(rule: Rule): Rule {
  return { ...rule, finds: 'good' };
}

function isSame(one: ObjectReference, other: ObjectReference): boolean {
  return one.namespace === other.namespace && one.name === other.name;
}
