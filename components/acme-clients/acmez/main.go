// Obtains one certificate with acmez, the client library of Caddy: a new account, http-01 on 127.0.0.1.
package main

import (
	"context"
	"crypto"
	"errors"
	"net"
	"net/http"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"

	"padlock.test/components/acme-clients/internal/request"
)

// solver answers one http-01 challenge at a time. acmez leaves the server to those who use it.
type solver struct {
	address string
	server  *http.Server
}

func (s *solver) Present(_ context.Context, challenge acme.Challenge) error {
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	s.server = &http.Server{Handler: http.HandlerFunc(func(response http.ResponseWriter, asked *http.Request) {
		if asked.URL.Path == challenge.HTTP01ResourcePath() {
			response.Write([]byte(challenge.KeyAuthorization))
			return
		}
		http.NotFound(response, asked)
	})}
	go s.server.Serve(listener)
	return nil
}

func (s *solver) CleanUp(context.Context, acme.Challenge) error {
	if s.server == nil {
		return nil
	}
	return s.server.Close()
}

func main() {
	wanted := request.Read()
	key, err := request.NewKey()
	if err != nil {
		request.End(nil, nil, err)
	}
	chain, err := obtain(context.Background(), wanted, key)
	request.End(key, chain, err)
}

func obtain(ctx context.Context, wanted request.Request, key crypto.Signer) ([]byte, error) {
	accountKey, err := request.NewKey()
	if err != nil {
		return nil, err
	}
	client := acmez.Client{
		Client: &acme.Client{Directory: wanted.Directory},
		ChallengeSolvers: map[string]acmez.Solver{
			acme.ChallengeTypeHTTP01: &solver{address: net.JoinHostPort("127.0.0.1", wanted.HTTPPort)},
		},
	}
	account, err := client.NewAccount(ctx, acme.Account{TermsOfServiceAgreed: true, PrivateKey: accountKey})
	if err != nil {
		return nil, err
	}
	chains, err := client.ObtainCertificateForSANs(ctx, account, key, []string{wanted.Name})
	if err != nil {
		return nil, err
	}
	if len(chains) == 0 {
		return nil, errors.New("acmez returned no certificate")
	}
	return chains[0].ChainPEM, nil
}
