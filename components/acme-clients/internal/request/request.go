// Package request reads what each client of this module is asked for, and serves the answer to its challenge.
package request

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// Request is one certificate: where it is ordered, for which name, and the port on which http-01 is answered.
type Request struct {
	Directory string
	Name      string
	HTTPPort  string
}

// Read takes the request from the arguments. The roots to trust for the directory are in the file that SSL_CERT_FILE names.
func Read() Request {
	if len(os.Args) != 4 {
		fmt.Fprintf(os.Stderr, "usage: %s DIRECTORY-URL NAME HTTP-PORT\n", filepath.Base(os.Args[0]))
		os.Exit(2)
	}
	return Request{Directory: os.Args[1], Name: os.Args[2], HTTPPort: os.Args[3]}
}

// NewKey makes a P-256 key, as the clients do by default.
func NewKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// End prints the public key of the certificate that was asked for and the chain that came, both in PEM, or the error.
func End(key crypto.Signer, chain []byte, err error) {
	var public []byte
	if err == nil {
		public, err = x509.MarshalPKIXPublicKey(key.Public())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pem.Encode(os.Stdout, &pem.Block{Type: "PUBLIC KEY", Bytes: public})
	os.Stdout.Write(chain)
}
