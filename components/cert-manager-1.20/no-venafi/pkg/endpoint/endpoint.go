package endpoint

import (
	"github.com/Venafi/vcert/v5/pkg/certificate"
	"github.com/Venafi/vcert/v5/pkg/verror"
)

type ConnectorType int

const (
	ConnectorTypeUndefined ConnectorType = iota
	ConnectorTypeTPP
	ConnectorTypeCloud
	ConnectorTypeNGTS
)

type Connector interface {
	GetType() ConnectorType
	Ping() error
	Authenticate(*Authentication) error
	ReadZoneConfiguration() (*ZoneConfiguration, error)
	RequestCertificate(*certificate.Request) (string, error)
	RetrieveCertificate(*certificate.Request) (*certificate.PEMCollection, error)
	RenewCertificate(*certificate.RenewalRequest) (string, error)
}

type Authentication struct {
	User, Password         string
	APIKey                 string
	AccessToken            string
	ClientId, ClientSecret string
	Scope, TokenURL        string
}

type ZoneConfiguration struct{}

func (*ZoneConfiguration) UpdateCertificateRequest(*certificate.Request) {}

func (*ZoneConfiguration) ValidateCertificateRequest(*certificate.Request) error {
	return verror.NotInThisBuild
}

type ErrCertificatePending struct{}

func (ErrCertificatePending) Error() string { return "certificate is pending" }

type ErrRetrieveCertificateTimeout struct{}

func (ErrRetrieveCertificateTimeout) Error() string { return "timed out retrieving the certificate" }
