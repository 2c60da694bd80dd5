import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'directory-url-wrong',
  title: "The server of the Issuer is not the URL of the CA's directory",
  symptom: 'The Issuer is not Ready: the ACME server returned an HTTP 404 response.',
  diagnosedAs: 'not-a-directory',
  verdict: /\S+\/directory is not the URL of an ACME directory \(.*HTTP 404 response/,
  cure: {
    says: 'Set spec.acme.server of the Issuer to the URL of the directory.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
