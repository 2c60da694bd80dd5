/** The variables by which pip and Go each are told a file of trusted roots. */
const rootVariables = ['SSL_CERT_FILE', 'PIP_CERT'] as const;

/**
 * The environment of programs that download: pip and Go trust the roots that any variable of the environment names, not only the one of their
 * own. The launcher collects them (`trust_named_roots` in scripts/trusted-roots.sh) and sets PADLOCK_TRUSTED_ROOTS if there are any.
 */
export function downloadEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const roots = environment.PADLOCK_TRUSTED_ROOTS;
  if (roots === undefined || roots === '') return { ...environment };
  return { ...environment, ...Object.fromEntries(rootVariables.map((variable) => [variable, roots])) };
}
