import { certificateFacts, certificatesInPem } from '../../evidence/certificate-facts.ts';
import { hasLeadingZeroOctet } from '../../issuance/renewal-certificate-id.ts';
import type { ScenarioContext } from './context.ts';

/** The Secret under test as it is now. */
export interface SecretUnderTest {
  /** The first certificate of tls.crt, PEM; null where there is none. */
  readonly leaf: string | null;
  /** PEM; empty where there is none. */
  readonly privateKey: string;
}

/** Reads the Secret that the Certificate under test names. @throws KubeError */
export async function readSecretUnderTest({ kube, subject }: ScenarioContext): Promise<SecretUnderTest> {
  const { namespace, name } = subject.secret;
  const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name });
  const data = new Map(Object.entries(secret?.data ?? {}));
  const entry = (key: string) => Buffer.from(String(data.get(key) ?? ''), 'base64').toString();
  return { leaf: certificatesInPem(entry('tls.crt'))[0] ?? null, privateKey: entry('tls.key') };
}

/** Whether the serial number of the leaf has a leading zero octet in DER; false without a leaf. */
export function serialHasZeroOctet({ leaf }: SecretUnderTest): boolean {
  return leaf !== null && hasLeadingZeroOctet(certificateFacts(leaf).serialNumber);
}
