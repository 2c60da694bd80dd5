/** What npm (OpenSSL), pip and Go write about a certificate that they do not trust. */
const untrusted =
  /CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|unable to get (local )?issuer|unable to verify the first|signed by unknown authority/;
/** What they write if they reach no server. */
const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ProxyError|Failed to establish a new connection|connection refused|no such host|i\/o timeout/;

/**
 * What to do about a download that failed, from its log. As `download_hint` in scripts/trusted-roots.sh, which must work before there is Node.
 *
 * @returns a sentence with a space before it; empty if the log does not say
 */
export function downloadHint(log: string): string {
  if (untrusted.test(log)) {
    return " The server's certificate is not trusted. If a proxy with a root of its own is on the way, set SSL_CERT_FILE to a PEM file with that root; npm, pip and Go then trust it.";
  }
  return unreachable.test(log) ? ' The server cannot be reached. If this machine needs a proxy, set HTTPS_PROXY.' : '';
}
