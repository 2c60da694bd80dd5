/**
 * The Corefile of cluster DNS with the environment's domain asked at its own name server and remembered nowhere, so that what a
 * test changes is seen at once.
 */
export function withForward(corefile: string, domain: string, nameServer: string): string {
  const block = `${domain}:53 {\n    errors\n    forward . ${nameServer}\n}\n`;
  return corefile.startsWith(block) ? corefile : `${block}${corefile}`;
}
