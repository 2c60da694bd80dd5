// Package vcert has the shape of the Venafi SDK that cert-manager compiles against, and no Venafi behind it:
// no client can be made, so an Issuer of type venafi never becomes Ready, and its condition says why.
package vcert

import (
	"net/http"

	"github.com/Venafi/vcert/v5/pkg/endpoint"
	"github.com/Venafi/vcert/v5/pkg/verror"
)

type Config struct {
	ConnectorType   endpoint.ConnectorType
	BaseUrl         string
	Zone            string
	Credentials     *endpoint.Authentication
	ConnectionTrust string
	LogVerbose      bool
	Client          *http.Client
}

// NewClient always returns verror.NotInThisBuild.
func NewClient(*Config, ...bool) (endpoint.Connector, error) {
	return nil, verror.NotInThisBuild
}
