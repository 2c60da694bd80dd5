package certificate

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"github.com/Venafi/vcert/v5/pkg/util"
	"github.com/Venafi/vcert/v5/pkg/verror"
)

type (
	ChainOption     int
	CSROrigin       int
	CustomFieldType int
)

const (
	ChainOptionRootLast ChainOption = iota
)

const (
	UserProvidedCSR CSROrigin = iota
)

const (
	CustomFieldPlain CustomFieldType = iota
	CustomFieldOrigin
)

type CustomField struct {
	Type        CustomFieldType
	Name, Value string
}

type Request struct {
	Subject          pkix.Name
	FriendlyName     string
	CustomFields     []CustomField
	CsrOrigin        CSROrigin
	ChainOption      ChainOption
	IssuerHint       util.IssuerHint
	ValidityDuration *time.Duration
	PickupID         string
	Timeout          time.Duration
}

func NewRequest(*x509.Certificate) *Request { return &Request{} }

func (*Request) SetCSR([]byte) error { return verror.NotInThisBuild }

type RenewalRequest struct{}

type PEMCollection struct {
	Certificate string
	Chain       []string
}
