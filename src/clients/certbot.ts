import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certbotVersion } from '../components/index.ts';
import type { AcmeClient } from './acme-client.ts';

/** What certbot says in every run. */
const always = /^(Saving debug log to .*|Ask for help or search for solutions at .*|An unexpected error occurred:|)$/;

export const certbot: AcmeClient = {
  ...{ id: 'certbot', title: 'certbot', version: certbotVersion, component: 'certbot' },
  call: ({ directoryUrl, name, httpPort, roots, folder }, components) => ({
    command: [
      ...(['python3', '-c', 'import sys; from certbot.main import main; sys.exit(main())', 'certonly'] as const),
      ...['--standalone', '--http-01-address', '127.0.0.1', '--http-01-port', String(httpPort)],
      ...['--server', directoryUrl, '--domain', name, '--cert-name', 'padlock'],
      ...['--non-interactive', '--agree-tos', '--register-unsafely-without-email'],
      ...['--config-dir', folder, '--work-dir', folder, '--logs-dir', folder],
    ],
    environment: {
      PYTHONPATH: components.file('certbot-packages'),
      // Beside the folders of all calls, so that only the first one compiles.
      PYTHONPYCACHEPREFIX: join(folder, '..', 'bytecode'),
      REQUESTS_CA_BUNDLE: roots,
    },
  }),
  async obtained({ folder }) {
    const live = join(folder, 'live', 'padlock');
    const key = createPublicKey(await readFile(join(live, 'privkey.pem'), 'utf8'));
    return {
      chain: await readFile(join(live, 'fullchain.pem'), 'utf8'),
      publicKey: key.export({ type: 'spki', format: 'pem' }).toString(),
    };
  },
  message: (stderr) =>
    stderr
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !always.test(line))
      .join(' '),
};
