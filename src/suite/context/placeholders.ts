import type { CertificateAuthority, RunningEnvironment } from '../../environment/environment.ts';
import type { Subject } from '../../evidence/evidence.ts';
import type { ScenarioNames } from './scenario-names.ts';

/** What the placeholders stand for. */
interface PlaceholderSource {
  readonly parts: {
    readonly names: ScenarioNames;
    readonly environment: Pick<RunningEnvironment, 'belongsToOthers' | 'domain'>;
    readonly httpbinImage: string;
  };
  readonly ca: Pick<CertificateAuthority, 'directoryUrl'>;
  readonly directoryCa: string;
  readonly subject: Subject;
  /** The names that are issued for, the host first. */
  readonly hosts: readonly string[];
  readonly applicationNamespace: string;
}

/**
 * The name of the Secret with the ACME account key. Each scenario has its own, because scenarios may run in parallel.
 * cert-manager creates it without the run's label, so it ends like the Issuer's name: with the suffix by which it is found.
 */
export function accountKeyNameOf({ subject }: Pick<PlaceholderSource, 'subject'>): string {
  return `account-${subject.issuer.name}`;
}

/** The placeholders of a manifest, by name: `${host}` stands for the value of `host`. */
export function placeholdersOf(source: PlaceholderSource): Readonly<Record<string, string>> {
  const { environment, names, httpbinImage } = source.parts;
  const { issuer, certificate, secret } = source.subject;
  const [, ...furtherHosts] = source.hosts;
  return {
    host: names.host,
    // JSON is YAML.
    hosts: JSON.stringify(source.hosts),
    namespace: names.namespace,
    applicationNamespace: source.applicationNamespace,
    // Any host, on a cluster of Padlock's own: the challenge must win over that.
    applicationHost: environment.belongsToOthers ? names.host : '*',
    gatewayNamespace: names.gateway.namespace,
    gatewaySelector: JSON.stringify(names.gateway.selector),
    ingressClass: names.gateway.ingressClass ?? '',
    issuerNamespace: issuer.namespace,
    issuerName: issuer.name,
    certificateNamespace: certificate.namespace,
    certificateName: certificate.name,
    secretName: secret.name,
    accountKeyName: accountKeyNameOf(source),
    ...Object.fromEntries(furtherHosts.map((further, index) => [`furtherHost${index + 1}`, further])),
    domain: environment.domain,
    directoryUrl: source.ca.directoryUrl,
    directoryCaBundle: Buffer.from(source.directoryCa).toString('base64'),
    httpbinImage,
  };
}
