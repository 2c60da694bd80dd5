# Sourced by the launcher, which has sourced own-programs.sh. Behind a proxy with a root of its own, npm, pip and Go each have another
# variable for that root: what one of them names, all of them trust.
# shellcheck shell=bash disable=SC2154

system_roots=/etc/ssl/certs/ca-certificates.crt

# Exports PADLOCK_TRUSTED_ROOTS if the environment names roots: a file with these and the system's. See src/components/download-environment.ts.
trust_named_roots() {
  local variable file
  local -A named=()
  for variable in SSL_CERT_FILE PIP_CERT REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS NPM_CONFIG_CAFILE npm_config_cafile; do
    file=${!variable:-}
    [[ -n $file && $file != "$system_roots" ]] || continue
    if grep -qs -- '-----BEGIN CERTIFICATE-----' "$file"; then
      named[$file]=yes
    else
      say "$variable names $file, which is no readable PEM file with certificates; it is left out."
    fi
  done
  [[ ${#named[@]} -gt 0 ]] || return 0
  mkdir -p "$cache"
  local unfinished
  unfinished=$(mktemp "$cache/.trusted-roots-XXXXXX")
  for file in "$system_roots" "${!named[@]}"; do
    [[ ! -r $file ]] || { cat "$file" && echo; }
  done >"$unfinished"
  chmod 644 "$unfinished"
  mv "$unfinished" "$cache/trusted-roots.pem"
  export PADLOCK_TRUSTED_ROOTS=$cache/trusted-roots.pem
}

# npm with the named roots. A cafile that npm itself was given stays.
npm_with_roots() {
  NODE_EXTRA_CA_CERTS=${PADLOCK_TRUSTED_ROOTS:-${NODE_EXTRA_CA_CERTS:-}} npm "$@"
}

# What to do about a download that failed, from its log; nothing if the log does not say. As in src/components/download-hint.ts.
download_hint() {
  if grep -qsE 'CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY)|unable to get (local )?issuer|unable to verify the first|signed by unknown authority' "$1"; then
    echo " The server's certificate is not trusted. If a proxy with a root of its own is on the way, set SSL_CERT_FILE to a PEM file with that root; npm, pip and Go then trust it."
  elif grep -qsE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ProxyError|Failed to establish a new connection|connection refused|no such host|i/o timeout' "$1"; then
    echo " The server cannot be reached. If this machine needs a proxy, set HTTPS_PROXY."
  fi
}
