import { acmezVersion } from '../components/index.ts';
import { libraryClient } from './library-client.ts';

/** The client library of Caddy. */
export const acmez = libraryClient({
  ...{ id: 'acmez', title: 'acmez', version: acmezVersion, rootsVariable: 'SSL_CERT_FILE' },
});
