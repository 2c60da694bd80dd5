import type { Command } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import type { TraceOptions } from '../commands/trace.ts';

const istioHelp = "the cluster of Istio's control plane, where its own objects are (default: the same cluster)";
const istioContextHelp = 'the context of --istio-kubeconfig (default: the current one)';

const savedHelp = "a bundle of 'padlock bundle', a report, or a file of evidence";

/** The commands that look at any cluster and change nothing: bundle and trace. */
export function addDiagnosisCommands(padlock: Command, context: CommandContext): void {
  padlock
    .command('bundle')
    .description(
      'collect objects, events, logs and gateway configuration of a cluster, without secrets; changes nothing',
    )
    .option('--name <name>', "the environment, which may have failed (default: 'default')")
    .option('--kubeconfig <file>', 'any other cluster')
    .option('--context <name>', 'the context of the kubeconfig (default: the current one)')
    .option('--istio-kubeconfig <file>', istioHelp)
    .option('--istio-context <name>', istioContextHelp)
    .option(
      '--namespace <name...>',
      'only these namespaces (default: all; for a run in an existing cluster, its own and the one of the gateway)',
    )
    .option('--output <folder>', 'the folder to write (default: bundle-<time>)')
    .action(async (options) => context.end((await import('../commands/bundle.ts')).bundle(options, context)));

  const traceCommand = padlock
    .command('trace')
    .description('diagnose an issuance on any cluster: its state, the cause, and what to do; changes nothing')
    .option('--bundle <folder>', `trace all Certificates of ${savedHelp}`)
    .option('--ca-bundle <file>', 'PEM roots that clients of the hosts trust')
    .option('--json', 'print JSON, one document for each Certificate', false)
    .action(async (options) =>
      context.end((await import('../commands/trace-saved.ts')).traceAllSaved(options, context)),
    );
  traceCommand
    .command('certificate')
    .description('trace a Certificate from its Issuer to what its host serves')
    .argument('<name>', 'the name of the Certificate')
    .requiredOption('-n, --namespace <namespace>', 'the namespace of the Certificate')
    .option('--kubeconfig <file>', 'the cluster (default: KUBECONFIG, or ~/.kube/config)')
    .option('--context <name>', 'the context of the kubeconfig (default: the current one)')
    .option('--istio-kubeconfig <file>', istioHelp)
    .option('--istio-context <name>', istioContextHelp)
    .option('--bundle <folder>', `instead of a cluster: ${savedHelp}`)
    .option('--name <name>', 'an environment of Padlock; its hosts are probed from the outside of its cluster')
    .option('--ca-bundle <file>', 'PEM roots that clients of the host trust')
    .option('--dns <address>', 'the name server that resolves the host (default: those of the machine or environment)')
    .option(
      '--access-log-format <format>',
      "the format of the gateway's access log: a preset or an Envoy format string (default: that of the mesh)",
    )
    .option('--access-log-field <field=key...>', 'the keys of a JSON access log, e.g. host=authority_for')
    .option(
      '--from-inside',
      "also look from a Pod in cert-manager's namespace, which is made for it and removed; all else changes nothing",
      false,
    )
    .option('-w, --watch', 'continue until the certificate is served, and print each change', false)
    .option('--json', 'print JSON; with --watch, one line per change', false)
    .action(async (name: string, _, command: Command) => {
      // The options that both commands have are taken by the one above.
      const options = command.optsWithGlobals<TraceOptions>();
      await context.end((await import('../commands/trace.ts')).trace(name, options, context));
    });
}
