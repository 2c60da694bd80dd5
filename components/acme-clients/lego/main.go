// Obtains one certificate with lego, as a program that uses it as a library does: a new account, http-01 on 127.0.0.1.
package main

import (
	"context"
	"crypto"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge/http01"
	"github.com/go-acme/lego/v5/lego"
	"github.com/go-acme/lego/v5/registration"

	"padlock.test/components/acme-clients/internal/request"
)

type user struct {
	key     crypto.Signer
	account *acme.ExtendedAccount
}

func (u *user) GetEmail() string                       { return "" }
func (u *user) GetRegistration() *acme.ExtendedAccount { return u.account }
func (u *user) GetPrivateKey() crypto.Signer           { return u.key }

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
	account := &user{key: accountKey}
	config := lego.NewConfig(account)
	config.CADirURL = wanted.Directory
	client, err := lego.NewClient(config)
	if err != nil {
		return nil, err
	}
	if err := client.Challenge.SetHTTP01Provider(http01.NewProviderServer("127.0.0.1", wanted.HTTPPort)); err != nil {
		return nil, err
	}
	account.account, err = client.Registration.Register(ctx, registration.RegisterOptions{TermsOfServiceAgreed: true})
	if err != nil {
		return nil, err
	}
	obtained, err := client.Certificate.Obtain(ctx, certificate.ObtainRequest{
		Domains: []string{wanted.Name}, PrivateKey: key, Bundle: true,
	})
	if err != nil {
		return nil, err
	}
	return obtained.Certificate, nil
}
