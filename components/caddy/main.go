// Caddy with its standard modules. In addition, its ACME server can validate on other ports than 80 and 443, and ask another name
// server than the system's, as step-ca can by options: both validate with the same library.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/smallstep/certificates/acme"
)

func main() {
	acme.InsecurePortHTTP01 = port("ACME_HTTP_PORT")
	acme.InsecurePortTLSALPN01 = port("ACME_TLS_PORT")
	if nameServer := os.Getenv("ACME_NAME_SERVER"); nameServer != "" {
		net.DefaultResolver = &net.Resolver{
			PreferGo: true,
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, nameServer)
			},
		}
	}
	caddycmd.Main()
}

// port reads a port from the environment. 0, the default, stands for the one of the RFC.
func port(variable string) int {
	text := os.Getenv(variable)
	if text == "" {
		return 0
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s is not a port: %s\n", variable, text)
		os.Exit(2)
	}
	return number
}
