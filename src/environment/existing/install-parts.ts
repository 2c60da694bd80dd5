/** The components that `--install` accepts, in the order used by messages. */
export const installParts = ['istio', 'cert-manager', 'pebble'] as const;

export type InstallPart = (typeof installParts)[number];

/** Parses a list such as `istio,cert-manager,pebble`. @throws Error with the possible values */
export function parseInstallParts(text: string): readonly InstallPart[] {
  const named = text.split(',').map((part) => part.trim());
  const unknown = named.filter((part) => !installParts.some((known) => known === part));
  if (unknown.length > 0) {
    throw new Error(`it must be a list of ${installParts.join(', ')}, separated by commas.`);
  }
  return installParts.filter((part) => named.includes(part));
}
