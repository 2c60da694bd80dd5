import { listOption, textOption } from './provider-option.ts';

const run = { commands: ['run', 'repro', 'doctor', 'load'] } as const;

/** The environment of a run is one that is up. */
export const onOption = {
  on: textOption('--on <name>', 'run on an environment that is up, and leave it up', run),
} as const;

export const gatewayApiOption = {
  gatewayApi: textOption(
    '--gateway-api <version>',
    'the version of the Gateway API instead of the pinned one, e.g. v1.5.1',
    { freshOnly: true },
  ),
} as const;

export const certManagerOption = {
  certManager: textOption(
    '--cert-manager <version>',
    'the version of cert-manager instead of the pinned one: on a cell one of those that Padlock builds, on kind v1.19.0 or later',
    { freshOnly: true },
  ),
} as const;

/** The CA of a run, where it is not the environment's own. */
export const caOptions = {
  directory: textOption('--directory <url>', 'the ACME directory of the CA, as cert-manager reaches it', run),
  directoryCa: textOption(
    '--directory-ca <file>',
    "PEM root of the directory's own certificate, where that root is not public",
    run,
  ),
  caRoot: listOption(
    '--ca-root <file...>',
    'PEM roots that issued chains must end at; without them the checks of the chain are skipped',
    run,
  ),
  caUserAgent: textOption(
    '--ca-user-agent <text>',
    "part of the User-Agent of the CA's validation requests (default: any that is neither cert-manager nor a known tool)",
    run,
  ),
  eabKid: textOption('--eab-kid <kid>', 'the key identifier of an external account', run),
  eabHmacKeyFile: textOption('--eab-hmac-key-file <file>', 'its MAC key, base64url without padding', run),
} as const;
