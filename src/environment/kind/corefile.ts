/**
 * The Corefile of cluster DNS. It forwards the environment's domain to the environment's name server without a cache, so that
 * changes by a test are visible at once.
 */
export function withForward(corefile: string, domain: string, nameServer: string): string {
  const block = `${domain}:53 {\n    errors\n    forward . ${nameServer}\n}\n`;
  return corefile.startsWith(block) ? corefile : `${block}${corefile}`;
}
