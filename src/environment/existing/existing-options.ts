import { presets } from '../../evidence/access-log/formats.ts';
import { parseGivenFormat } from '../../evidence/access-log/given-format.ts';
import { logFields } from '../../evidence/access-log/log-field.ts';
import { flagOption, listOption, parsedOption, textOption, type ValuesOf } from '../provider-option.ts';
import { caOptions } from '../shared-options.ts';
import { installParts, parseInstallParts } from './install-parts.ts';

/** The options of an existing cluster. */
export const existingOptions = {
  kubeconfig: textOption('--kubeconfig <file>', 'the cluster to run on'),
  context: textOption('--context <name>', 'the context of the kubeconfig (default: the current one)'),
  istioKubeconfig: textOption(
    '--istio-kubeconfig <file>',
    "the cluster of Istio's control plane, where its own objects are (default: that of --kubeconfig)",
  ),
  istioContext: textOption('--istio-context <name>', 'the context of --istio-kubeconfig (default: the current one)'),
  gateway: textOption('--gateway <service>', 'namespace/name of the ingress gateway, where there are several'),
  accessLogFormat: parsedOption(
    '--access-log-format <format>',
    `the format of the gateway's access log: ${Object.keys(presets).join(', ')} or an Envoy format string (default: that of the mesh)`,
    parseGivenFormat,
  ),
  accessLogField: listOption(
    '--access-log-field <field=key...>',
    `the keys of a JSON access log, e.g. host=authority_for. Fields: ${logFields.join(', ')}`,
  ),
  ...caOptions,
  domain: textOption(
    '--domain <name>',
    'the domain of the host names; a wildcard record points it at the gateway, or --dns-hook sets its names',
  ),
  dnsHook: textOption('--dns-hook <program>', 'called as <program> set HOST ADDRESS… and <program> unset HOST'),
  addressDomain: textOption(
    '--address-domain <name>',
    "a domain whose host names contain the gateway's address, e.g. sslip.io",
  ),
  nameServer: listOption('--name-server <address...>', "name servers that resolve the hosts (default: this machine's)"),
  dnsUpdateServer: textOption(
    '--dns-update-server <address>',
    'the name server that takes the TXT records of DNS-01 (RFC 2136)',
  ),
  dnsUpdateKey: textOption('--dns-update-key <file>', "its TSIG key in BIND's syntax, as tsig-keygen writes it"),
  httpbinImage: textOption('--httpbin-image <image>', 'the image of the application behind the gateway'),
  install: parsedOption(
    '--install <parts>',
    `install parts for the run and remove them at its end: ${installParts.join(', ')}, separated by commas`,
    parseInstallParts,
  ),
  pebbleImage: textOption('--pebble-image <image>', 'the image of Pebble for --install pebble'),
  allowClusterChanges: flagOption(
    '--allow-cluster-changes',
    'run scenarios that change something for the whole cluster',
  ),
} as const;

/** Why an existing cluster rejects options of other environments. */
export const existingRefusals = {
  ca: 'For an existing cluster, give the CA with --directory, or bring Pebble with --install pebble.',
} as const;

export type ExistingOptions = ValuesOf<typeof existingOptions>;
