import { Option } from 'commander';

/** `--config`, of each command that a configuration gives defaults. */
export function configOption(): Option {
  return new Option(
    '--config <file>',
    'the configuration file (default: padlock.config.yaml or padlock.config.ts in the working directory)',
  );
}
