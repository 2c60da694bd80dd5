/** Hosts of CAs that issue publicly trusted certificates. Not complete: a CA that is not here may be a production one, too. */
const productionHosts: readonly string[] = [
  'acme-v02.api.letsencrypt.org',
  'acme.zerossl.com',
  'acme.sectigo.com',
  'acme.enterprise.sectigo.com',
  'dv.acme-v02.api.pki.goog',
  'acme.ssl.com',
  'acme.digicert.com',
  'api.buypass.com',
  'emea.acme.atlas.globalsign.com',
];

/** Whether a directory is known to be one of a CA in production. Staging directories have hosts of their own. */
export function isKnownProduction(directory: URL): boolean {
  return productionHosts.includes(directory.hostname.replace(/\.$/, ''));
}
