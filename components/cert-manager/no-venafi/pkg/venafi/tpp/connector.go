package tpp

import (
	"github.com/Venafi/vcert/v5/pkg/certificate"
	"github.com/Venafi/vcert/v5/pkg/endpoint"
	"github.com/Venafi/vcert/v5/pkg/verror"
)

// Connector is never made: see vcert.NewClient.
type Connector struct{ endpoint.Connector }

type Token struct{ Access_token string }

func (*Connector) VerifyAccessToken(*endpoint.Authentication) (Token, error) {
	return Token{}, verror.NotInThisBuild
}

func (*Connector) GetRefreshToken(*endpoint.Authentication) (Token, error) {
	return Token{}, verror.NotInThisBuild
}

func (*Connector) ResetCertificate(*certificate.Request, bool) error {
	return verror.NotInThisBuild
}

type ErrCertNotFound struct{}

func (*ErrCertNotFound) Error() string { return "certificate not found" }
