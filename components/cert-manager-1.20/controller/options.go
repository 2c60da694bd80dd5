package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/pkg/controller"
	dnsutil "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
)

// contextOptions maps the configuration to what upstream's controllers are built from. A field left out here is
// an option that is silently off, so a test holds this mapping against upstream's structs.
func contextOptions(c *config.ControllerConfiguration) (controller.ContextOptions, error) {
	acme, err := acmeOptions(c)
	if err != nil {
		return controller.ContextOptions{}, err
	}
	return controller.ContextOptions{
		//nolint:staticcheck // deprecated upstream, but still a flag
		APIServerHost:      c.APIServerHost,
		Kubeconfig:         c.KubeConfig,
		KubernetesAPIQPS:   c.KubernetesAPIQPS,
		KubernetesAPIBurst: c.KubernetesAPIBurst,
		Namespace:          c.Namespace,
		ACMEOptions:        acme,
		IssuerOptions: controller.IssuerOptions{
			ClusterResourceNamespace:        c.ClusterResourceNamespace,
			ClusterIssuerAmbientCredentials: c.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        c.IssuerAmbientCredentials,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 c.IngressShimConfig.DefaultIssuerName,
			DefaultIssuerKind:                 c.IngressShimConfig.DefaultIssuerKind,
			DefaultIssuerGroup:                c.IngressShimConfig.DefaultIssuerGroup,
			DefaultAutoCertificateAnnotations: c.IngressShimConfig.DefaultAutoCertificateAnnotations,
			ExtraCertificateAnnotations:       c.IngressShimConfig.ExtraCertificateAnnotations,
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           c.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes:                 c.CopiedAnnotationPrefixes,
			CertificateRequestMinimumBackoffDuration: c.CertificateRequestMinimumBackoffDuration,
		},
		SchedulerOptions: controller.SchedulerOptions{
			MaxConcurrentChallenges: c.MaxConcurrentChallenges,
		},
		ConfigOptions: controller.ConfigOptions{
			EnableGatewayAPI:            c.EnableGatewayAPI,
			EnableGatewayAPIListenerSet: c.EnableGatewayAPIListenerSet,
		},
	}, nil
}

func acmeOptions(c *config.ControllerConfiguration) (controller.ACMEOptions, error) {
	solver, dns01 := c.ACMEHTTP01Config, c.ACMEDNS01Config

	// Without a name server the first DNS-01 self-check panics.
	nameservers := dns01.RecursiveNameservers
	if len(nameservers) == 0 {
		nameservers = dnsutil.RecursiveNameservers
	}

	options := controller.ACMEOptions{
		HTTP01SolverImage:            solver.SolverImage,
		ACMEHTTP01SolverRunAsNonRoot: solver.SolverRunAsNonRoot,
		HTTP01SolverNameservers:      solver.SolverNameservers,
		DNS01CheckAuthoritative:      !dns01.RecursiveNameserversOnly,
		DNS01Nameservers:             nameservers,
		DNS01CheckRetryPeriod:        dns01.CheckRetryPeriod,
	}
	for _, q := range []struct {
		name, value string
		target      *resource.Quantity
	}{
		{"CPU request", solver.SolverResourceRequestCPU, &options.HTTP01SolverResourceRequestCPU},
		{"memory request", solver.SolverResourceRequestMemory, &options.HTTP01SolverResourceRequestMemory},
		{"CPU limit", solver.SolverResourceLimitsCPU, &options.HTTP01SolverResourceLimitsCPU},
		{"memory limit", solver.SolverResourceLimitsMemory, &options.HTTP01SolverResourceLimitsMemory},
	} {
		quantity, err := resource.ParseQuantity(q.value)
		if err != nil {
			return options, fmt.Errorf("%s of the HTTP-01 solver, %q: %w", q.name, q.value, err)
		}
		*q.target = quantity
	}
	return options, nil
}
