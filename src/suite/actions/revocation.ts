import { actionNames } from '../../evidence/action-names.ts';
import { certificateFacts } from '../../evidence/certificate-facts.ts';
import { askCa } from '../acme/acme-client.ts';
import type { ScenarioContext } from '../context/context.ts';
import { readSecretUnderTest } from '../context/secret-under-test.ts';

/**
 * Revokes the certificate in the Secret by its own key, twice (RFC 8555 section 7.6).
 *
 * @throws UserError (3) if the CA could not be reached
 */
export async function revokeCertificate(context: ScenarioContext): Promise<void> {
  const { environment } = context.parts;
  const { directoryCa } = context;
  const { namespace, name } = context.subject.secret;
  const { leaf, privateKey } = await readSecretUnderTest(context);
  if (leaf === null) throw new Error(`Secret ${namespace}/${name} has no certificate to revoke`);
  const { serialNumber, fingerprintSha256 } = certificateFacts(leaf);
  context.note(actionNames.revoke, `serial number ${serialNumber}`);
  const { profiles, revocations } = await askCa(environment, {
    directoryUrl: context.ca.directoryUrl,
    trustedRoots: directoryCa === '' ? null : directoryCa,
    revoke: { certificate: leaf, privateKey },
  });
  context.acme = { profiles, revocations: revocations.map((one) => ({ ...one, fingerprintSha256 })) };
}
