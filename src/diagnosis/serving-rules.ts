import type { TlsProbe } from '../evidence/evidence.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { list, text, texts } from '../issuance/recorded-object.ts';
import { parseCertificates, pathToRoot } from '../issuance/x509-chain.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { qualified, type Seen, type Sight, titleOf } from './sight.ts';

const istioGroup = 'networking.istio.io';
const gatewayApiGroup = 'gateway.networking.k8s.io';

/** A server or listener that is to serve the host over TLS. */
interface TlsServer {
  readonly gateway: Seen;
  /** What it takes its certificate from: where the gateway looks, as namespace and name. */
  readonly credential: { readonly namespace: string; readonly name: string };
}

/** A rule about a Certificate that is issued: its Secret holds it. */
function onceIssued(id: string, recognises: string, look: Rule['look']): Rule {
  return { id, recognises, look: (sight) => (sight.certificateReady?.status === 'True' ? look(sight) : null) };
}

/** Every Gateway server that is to serve the host over TLS, with the Secrets that it names. */
export function tlsServers(sight: Sight): readonly TlsServer[] {
  const { gateway: service } = sight.sighted.subject;
  const ofIstio = sight.all(istioGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'servers').flatMap((server): TlsServer[] => {
      if (!texts(server, 'hosts').some((pattern) => namesHost(pattern, sight.host))) return [];
      const names = [text(server, 'tls', 'credentialName') ?? [], texts(server, 'tls', 'credentialNames')].flat(2);
      return names.map((name) => {
        // Istio looks in the namespace of the gateway's Pods, whatever the namespace of the Gateway.
        const [first = '', second] = name.replace(/^kubernetes:\/\//, '').split('/');
        const credential =
          second === undefined ? { namespace: service.namespace, name: first } : { namespace: first, name: second };
        return { gateway, credential };
      });
    }),
  );
  const ofGatewayApi = sight.all(gatewayApiGroup, 'Gateway').flatMap((gateway) =>
    list(gateway, 'spec', 'listeners').flatMap((listener): TlsServer[] => {
      const hostname = text(listener, 'hostname');
      if (hostname !== null && !namesHost(hostname, sight.host)) return [];
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
 * Whether something takes TLS for the host without a Secret that a Gateway names: it passes TLS through to the application,
 * has its certificate from a file, or is an Ingress.
 */
function hasOtherTls(sight: Sight): boolean {
  const byServer = sight
    .all(istioGroup, 'Gateway')
    .flatMap((gateway) => list(gateway, 'spec', 'servers'))
    .filter((server) => texts(server, 'hosts').some((pattern) => namesHost(pattern, sight.host)))
    .some(
      (server) =>
        /PASSTHROUGH$/.test(text(server, 'tls', 'mode') ?? '') || text(server, 'tls', 'serverCertificate') !== null,
    );
  const byListener = sight
    .all(gatewayApiGroup, 'Gateway')
    .flatMap((gateway) => list(gateway, 'spec', 'listeners'))
    .filter((listener) => namesHost(text(listener, 'hostname') ?? '*', sight.host))
    .some((listener) => text(listener, 'tls', 'mode') === 'Passthrough');
  const byIngress = sight
    .all('networking.k8s.io', 'Ingress')
    .flatMap((ingress) => list(ingress, 'spec', 'tls'))
    .some((tls) => texts(tls, 'hosts').some((pattern) => namesHost(pattern, sight.host)));
  return byServer || byListener || byIngress;
}

/** Whether what is served is what the Secret holds. */
function isServed(sight: Sight): boolean {
  const { tls } = sight;
  const wanted = sight.secret(sight.sighted.subject.secret)?.certificates[0];
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

function warmingSecrets(sight: Sight): readonly string[] {
  return sight.sighted.gatewayConfigs.flatMap(({ pod, secrets }) =>
    secrets.filter(({ state }) => state === 'warming').map(({ name }) => `${name} in ${pod}`),
  );
}

/** Between the issued Secret and the client. */
export const servingRules: readonly Rule[] = [
  onceIssued(
    'secret-in-other-namespace',
    'a Gateway that looks for the Secret in another namespace (istio#27740)',
    (sight) => {
      const { secret } = sight.sighted.subject;
      const server = tlsServers(sight).find(
        ({ credential }) => credential.name === secret.name && credential.namespace !== secret.namespace,
      );
      if (server === undefined || sight.secret(server.credential) !== null) return null;
      if (sight.couldNotSee('Secret') || isServed(sight)) return null;
      const warming = warmingSecrets(sight);
      return {
        verdict: `The certificate is issued, but the gateway does not find it: ${titleOf(server.gateway)} uses Secret ${qualified(server.credential)}, but the certificate is in ${qualified(secret)}.`,
        evidence: sentences(
          `${sight.certificateName} is Ready and wrote Secret ${qualified(secret)}.`,
          `There is no Secret ${qualified(server.credential)}.`,
          warming.length > 0 && `The gateway still waits for ${warming.join(', ')}.`,
          describeTls(sight.tls),
          ...istiodSays(sight),
        ),
        remedy: isOfGatewayApi(server)
          ? `Put the Certificate into the namespace ${server.credential.namespace} of the Gateway, or set namespace ${secret.namespace} in the listener's certificateRefs and allow it with a ReferenceGrant there.`
          : `Put the Certificate into the namespace ${server.credential.namespace}, where the gateway's Pods are, or name the Secret as ${qualified(secret)} and allow it with a ReferenceGrant.`,
      };
    },
  ),
  onceIssued('credential-missing', 'a Gateway that names a Secret that does not exist', (sight) => {
    const server = tlsServers(sight).find(({ credential }) => sight.secret(credential) === null);
    if (server === undefined || sight.couldNotSee('Secret') || 'chain' in (sight.tls?.outcome ?? {})) return null;
    const warming = warmingSecrets(sight);
    return {
      verdict: `The certificate is issued, but not served: ${titleOf(server.gateway)} uses Secret ${qualified(server.credential)}, which does not exist.`,
      evidence: sentences(
        `${sight.certificateName} is Ready and wrote Secret ${qualified(sight.sighted.subject.secret)}.`,
        warming.length > 0 && `The gateway still waits for ${warming.join(', ')}.`,
        describeTls(sight.tls),
        ...istiodSays(sight),
      ),
      remedy: `Set ${isOfGatewayApi(server) ? "the listener's certificateRefs" : 'credentialName'} to ${sight.sighted.subject.secret.name}.`,
    };
  }),
  onceIssued('no-tls-server', 'an issued certificate that no Gateway serves', (sight) => {
    if (sight.host === '' || tlsServers(sight).length > 0 || hasOtherTls(sight) || sight.couldNotSee('Gateway'))
      return null;
    if (sight.tls !== null && 'chain' in sight.tls.outcome) return null;
    return {
      verdict: `The certificate is issued, but no Gateway serves ${sight.host} over TLS.`,
      evidence: sentences(
        `${sight.certificateName} is Ready and wrote Secret ${qualified(sight.sighted.subject.secret)}.`,
        `No Gateway has a TLS server for ${sight.host}.`,
        describeTls(sight.tls),
      ),
      remedy: `Add to a Gateway a server on port 443 with tls.mode SIMPLE and credentialName ${sight.sighted.subject.secret.name}.`,
    };
  }),
  onceIssued('not-served', 'an issued certificate whose host does not answer over TLS', (sight) => {
    const { tls } = sight;
    if (tls === null || !('error' in tls.outcome)) return null;
    return {
      verdict: `The certificate is issued, but ${sight.host} at ${tls.address} does not answer over TLS: ${quoted(tls.outcome.error)}.`,
      evidence: sentences(
        `${sight.certificateName} is Ready.`,
        ...sight.sighted.gatewayConfigs.map(
          ({ pod, listeners }) =>
            `Envoy in ${pod} listens on ${listeners.map(({ port, state }) => `${port} (${state})`).join(', ') || 'no port'}.`,
        ),
        ...istiodSays(sight),
      ),
      remedy: "Check the Gateway's port and hosts, the ports of the gateway's Service, and istiod's log.",
    };
  }),
  onceIssued(
    'another-certificate-served',
    'a gateway that serves a different certificate from the one in the Secret',
    (sight) => {
      const { tls } = sight;
      const wanted = sight.secret(sight.sighted.subject.secret)?.certificates[0];
      if (tls === null || 'error' in tls.outcome || wanted === undefined) return null;
      const [leaf] = tls.outcome.chain;
      if (leaf === undefined || leaf.fingerprintSha256 === wanted.fingerprintSha256) return null;
      return {
        verdict: `${sight.host} at ${tls.address} serves another certificate (serial ${leaf.serialNumber}) than the one in Secret ${qualified(sight.sighted.subject.secret)} (serial ${wanted.serialNumber}).`,
        evidence: sentences(
          `The served certificate is for ${leaf.dnsNames.join(', ')}, issued by ${leaf.issuer}, valid from ${leaf.notBefore} to ${leaf.notAfter}.`,
          `The Secret's certificate is issued by ${wanted.issuer}, valid from ${wanted.notBefore} to ${wanted.notAfter}.`,
        ),
        remedy:
          'Check which Gateway serves the host and which Secret it names, and whether a load balancer or CDN in front of the gateway terminates TLS. A certificate from a mounted file may be outdated.',
      };
    },
  ),
  onceIssued('ends-at-another-root', 'a served chain that does not end at a root that the client trusts', (sight) => {
    const { tls } = sight;
    if (tls === null || 'error' in tls.outcome || tls.outcome.authorized || sight.sighted.ca.roots.length === 0)
      return null;
    const served = parseCertificates(tls.outcome.chain, 'the served chain');
    const roots = parseCertificates(sight.sighted.ca.roots, 'the roots');
    if (typeof served === 'string' || typeof roots === 'string' || pathToRoot(served, roots) !== null) return null;
    const last = tls.outcome.chain.at(-1);
    return {
      verdict: `The issued certificate is served, but its chain does not end at a root that the client trusts: it ends at ${last?.issuer ?? 'nothing'}.`,
      evidence: sentences(
        describeTls(tls),
        `The client trusts ${sight.sighted.ca.roots.map(({ subject }) => subject).join('; ')}, and reports ${tls.outcome.authorizationError}.`,
      ),
      remedy:
        'Trust the root of the issuing CA, or order from a CA whose root the clients trust (spec.acme.server and, if the CA offers several chains, preferredChain).',
    };
  }),
  onceIssued('refused-by-clients', 'a served certificate that a client refuses for another reason', (sight) => {
    const { tls } = sight;
    if (tls === null || 'error' in tls.outcome || tls.outcome.authorized || sight.sighted.ca.roots.length === 0)
      return null;
    return {
      verdict: `The issued certificate is served, but clients refuse it: ${tls.outcome.authorizationError ?? 'for no reason given'}.`,
      evidence: sentences(describeTls(tls)),
      remedy: 'Compare the names and the validity of the certificate with the host and the clock of the client.',
    };
  }),
  onceIssued('served', 'a complete issuance', (sight) => {
    const { tls } = sight;
    const wanted = sight.secret(sight.sighted.subject.secret)?.certificates[0];
    if (tls === null || 'error' in tls.outcome) return null;
    const trusted =
      sight.sighted.ca.roots.length === 0
        ? "; whether clients trust its root was not checked (pass the CA's root with --ca-bundle)"
        : ', and its chain ends at a root that the client trusts';
    return {
      verdict:
        wanted === undefined
          ? `${sight.certificateName} is Ready, and ${sight.host} serves a certificate; whether it is the one in the Secret could not be determined.`
          : `Nothing is wrong: ${sight.certificateName} is issued and served at ${tls.address}${trusted}.`,
      evidence: sentences(describeTls(tls)),
      remedy: null,
    };
  }),
  onceIssued('issued', 'an issued certificate whose serving could not be checked', (sight) => ({
    verdict: `${sight.certificateName} is issued; whether it is served could not be checked.`,
    evidence: [`Secret ${qualified(sight.sighted.subject.secret)} was written.`],
    remedy: null,
  })),
];

/** What istiod's log says of Secrets that it cannot give to the gateway. */
function istiodSays(sight: Sight): string[] {
  const lines = sight.sighted.logs
    .flatMap(({ source, lines }) => lines.map((line) => ({ source, line })))
    .filter(({ line }) => /failed to fetch key and certificate|not found/.test(line) && /kubernetes:\/\//.test(line));
  const last = lines.at(-1);
  return last === undefined ? [] : [`The log of ${last.source} says: ${quoted(last.line)}.`];
}
