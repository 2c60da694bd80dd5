// Package serving chooses the certificate of a TLS endpoint.
package serving

import (
	"k8s.io/client-go/rest"

	"github.com/cert-manager/cert-manager/internal/apis/config/shared"
	"github.com/cert-manager/cert-manager/pkg/server/tls"
	"github.com/cert-manager/cert-manager/pkg/server/tls/authority"
)

// CertificateSource returns the source that c asks for, or nil if c asks for no TLS. The CA of generated
// certificates is kept in a Secret that restConfig's user may write and that is labelled managed by manager.
func CertificateSource(c shared.TLSConfig, restConfig *rest.Config, manager string) tls.CertificateSource {
	switch {
	case c.FilesystemConfigProvided():
		return &tls.FileCertificateSource{CertPath: c.Filesystem.CertFile, KeyPath: c.Filesystem.KeyFile}
	case c.DynamicConfigProvided():
		return &tls.DynamicSource{
			DNSNames: c.Dynamic.DNSNames,
			Authority: &authority.DynamicAuthority{
				SecretNamespace: c.Dynamic.SecretNamespace,
				SecretName:      c.Dynamic.SecretName,
				SecretLabels:    map[string]string{"app.kubernetes.io/managed-by": manager},
				LeafDuration:    c.Dynamic.LeafDuration,
				RESTConfig:      restConfig,
			},
		}
	}
	return nil
}
