import type { TlsProbe } from '../evidence/evidence.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { list, text, texts } from '../issuance/recorded-object.ts';
import { parseCertificates, pathToRoot } from '../issuance/x509-chain.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type CurrentObject, qualified, type Situation, titleOf } from './situation.ts';

const istioGroup = 'networking.istio.io';
const gatewayApiGroup = 'gateway.networking.k8s.io';

/** A server or listener that should serve the host over TLS. */
interface TlsServer {
  readonly gateway: CurrentObject;
  /** The Secret that it takes its certificate from, in the namespace where the gateway looks. */
  readonly credential: { readonly namespace: string; readonly name: string };
}

/** A rule about a Certificate that is issued. */
function onceIssued(id: string, recognizes: string, look: Rule['look']): Rule {
  return {
    id,
    recognizes,
    look: (situation) => (situation.certificateReady?.status === 'True' ? look(situation) : null),
  };
}

/** Every Gateway server that should serve the host over TLS, with the Secrets that it names. */
export function tlsServers(situation: Situation): readonly TlsServer[] {
  const { gateway: service } = situation.input.subject;
  const ofIstio = situation.all(istioGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'servers').flatMap((server): TlsServer[] => {
      if (!texts(server, 'hosts').some((pattern) => namesHost(pattern, situation.host))) return [];
      const names = [text(server, 'tls', 'credentialName') ?? [], texts(server, 'tls', 'credentialNames')].flat(2);
      return names.map((name) => {
        // Istio looks in the namespace of the gateway's Pods, not in that of the Gateway object.
        const [first = '', second] = name.replace(/^kubernetes:\/\//, '').split('/');
        const credential =
          second === undefined ? { namespace: service.namespace, name: first } : { namespace: first, name: second };
        return { gateway, credential };
      });
    }),
  );
  const ofGatewayApi = situation.all(gatewayApiGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'listeners').flatMap((listener): TlsServer[] => {
      const hostname = text(listener, 'hostname');
      if (hostname !== null && !namesHost(hostname, situation.host)) return [];
      return list(listener, 'tls', 'certificateRefs').map((reference) => ({
        gateway,
        credential: {
          namespace: text(reference, 'namespace') ?? text(gateway, 'metadata', 'namespace') ?? '',
          name: text(reference, 'name') ?? '',
        },
      }));
    }),
  );
  return [...ofIstio, ...ofGatewayApi];
}

/**
 * Whether something serves TLS for the host without a Secret that a Gateway names: a server that passes TLS through to the
 * application, a server with a certificate from a file, or an Ingress.
 */
function hasOtherTls(situation: Situation): boolean {
  const byServer = situation
    .all(istioGroup, 'Gateway')
    .flatMap((gateway) => list(gateway, 'spec', 'servers'))
    .filter((server) => texts(server, 'hosts').some((pattern) => namesHost(pattern, situation.host)))
    .some(
      (server) =>
        /PASSTHROUGH$/.test(text(server, 'tls', 'mode') ?? '') || text(server, 'tls', 'serverCertificate') !== null,
    );
  const byListener = situation
    .all(gatewayApiGroup, 'Gateway')
    .flatMap((gateway) => list(gateway, 'spec', 'listeners'))
    .filter((listener) => namesHost(text(listener, 'hostname') ?? '*', situation.host))
    .some((listener) => text(listener, 'tls', 'mode') === 'Passthrough');
  const byIngress = situation
    .all('networking.k8s.io', 'Ingress')
    .flatMap((ingress) => list(ingress, 'spec', 'tls'))
    .some((tls) => texts(tls, 'hosts').some((pattern) => namesHost(pattern, situation.host)));
  return byServer || byListener || byIngress;
}

/** Whether the served certificate is the one in the Secret. */
function isServed(situation: Situation): boolean {
  const { tls } = situation;
  const wanted = situation.secret(situation.input.subject.secret)?.certificates[0];
  if (tls === null || 'error' in tls.outcome || wanted === undefined) return false;
  return tls.outcome.chain[0]?.fingerprintSha256 === wanted.fingerprintSha256;
}

function isOfGatewayApi({ gateway }: TlsServer): boolean {
  return text(gateway, 'apiVersion')?.startsWith(gatewayApiGroup) ?? false;
}

function describeTls(probe: TlsProbe | null): string | null {
  if (probe === null) return null;
  const where = `${probe.serverName} at ${probe.address} port ${probe.port}`;
  if ('error' in probe.outcome)
    return `From outside, a TLS connection to ${where} fails: ${quoted(probe.outcome.error)}.`;
  const [leaf] = probe.outcome.chain;
  return `From outside, ${where} serves the certificate ${leaf?.serialNumber ?? 'none'} for ${leaf?.dnsNames.join(', ') ?? 'no name'}, valid until ${leaf?.notAfter ?? 'unknown'}.`;
}

function warmingSecrets(situation: Situation): readonly string[] {
  return situation.input.gatewayConfigs.flatMap(({ pod, secrets }) =>
    secrets.filter(({ state }) => state === 'warming').map(({ name }) => `${name} in ${pod}`),
  );
}

/** Rules about the path from the issued Secret to the client. */
export const servingRules: readonly Rule[] = [
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
        remedy: isOfGatewayApi(server)
          ? `Put the Certificate into the namespace ${server.credential.namespace} of the Gateway, or set namespace ${secret.namespace} in the listener's certificateRefs and allow it with a ReferenceGrant there.`
          : `Put the Certificate into the namespace ${server.credential.namespace}, where the gateway's Pods are, or name the Secret as ${qualified(secret)} and allow it with a ReferenceGrant.`,
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
      remedy: `Set ${isOfGatewayApi(server) ? "the listener's certificateRefs" : 'credentialName'} to ${situation.input.subject.secret.name}.`,
    };
  }),
  onceIssued('no-tls-server', 'an issued certificate that no Gateway serves', (situation) => {
    if (
      situation.host === '' ||
      tlsServers(situation).length > 0 ||
      hasOtherTls(situation) ||
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
      remedy: `Add to a Gateway a server on port 443 with tls.mode SIMPLE and credentialName ${situation.input.subject.secret.name}.`,
    };
  }),
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
      return {
        verdict: `${situation.host} at ${tls.address} serves another certificate (serial ${leaf.serialNumber}) than the one in Secret ${qualified(situation.input.subject.secret)} (serial ${wanted.serialNumber}).`,
        evidence: sentences(
          `The served certificate is for ${leaf.dnsNames.join(', ')}, issued by ${leaf.issuer}, valid from ${leaf.notBefore} to ${leaf.notAfter}.`,
          `The Secret's certificate is issued by ${wanted.issuer}, valid from ${wanted.notBefore} to ${wanted.notAfter}.`,
        ),
        remedy:
          'Check which Gateway serves the host and which Secret it names, and whether a load balancer or CDN in front of the gateway terminates TLS. A certificate from a mounted file may be outdated.',
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
  onceIssued('issued', 'an issued certificate whose serving could not be checked', (situation) => ({
    verdict: `${situation.certificateName} is issued; whether it is served could not be checked.`,
    evidence: [`Secret ${qualified(situation.input.subject.secret)} was written.`],
    remedy: null,
  })),
];

/** What istiod's log says about Secrets that it cannot give to the gateway. */
function istiodSays(situation: Situation): string[] {
  const lines = situation.input.logs
    .flatMap(({ source, lines }) => lines.map((line) => ({ source, line })))
    .filter(({ line }) => /failed to fetch key and certificate|not found/.test(line) && /kubernetes:\/\//.test(line));
  const last = lines.at(-1);
  return last === undefined ? [] : [`The log of ${last.source} says: ${quoted(last.line)}.`];
}
