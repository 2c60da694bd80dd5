package main

import (
	"strings"

	"github.com/spf13/pflag"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	configdefaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/padlock/internal/component"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

// addFlags binds upstream's flags to c. Each flag's default is what c holds already.
func addFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	//nolint:staticcheck // deprecated upstream, but still a flag
	fs.StringVar(&c.APIServerHost, "master", c.APIServerHost, "address of the API server, found automatically if empty")
	fs.StringVar(&c.KubeConfig, "kubeconfig", c.KubeConfig, "path of a kubeconfig, needed only outside a cluster")
	fs.Float32Var(&c.KubernetesAPIQPS, "kube-api-qps", c.KubernetesAPIQPS, "requests per second to an API server without priority and fairness")
	fs.IntVar(&c.KubernetesAPIBurst, "kube-api-burst", c.KubernetesAPIBurst, "burst of requests to an API server without priority and fairness")
	fs.StringVar(&c.Namespace, "namespace", c.Namespace, "the one namespace to work in, without ClusterIssuers; all namespaces if empty")
	fs.StringVar(&c.ClusterResourceNamespace, "cluster-resource-namespace", c.ClusterResourceNamespace, "namespace of the Secrets of ClusterIssuers")
	component.AddLeaderElectionFlags(fs, &c.LeaderElectionConfig.LeaderElectionConfig)

	fs.StringSliceVar(&c.Controllers, "controllers", c.Controllers,
		"controllers to run: * for those on by default, NAME for one more, -NAME for one less; known: "+strings.Join(configdefaults.AllControllers, ", "))
	component.AddFeatureGatesFlag(fs, &c.FeatureGates)
	fs.IntVar(&c.NumberOfConcurrentWorkers, "concurrent-workers", c.NumberOfConcurrentWorkers, "workers per controller")
	fs.IntVar(&c.MaxConcurrentChallenges, "max-concurrent-challenges", c.MaxConcurrentChallenges, "Challenges that may be processing at once")

	addIssuanceFlags(fs, c)
	addShimFlags(fs, c)
	addHTTP01Flags(fs, &c.ACMEHTTP01Config)
	addDNS01Flags(fs, &c.ACMEDNS01Config)

	component.AddMetricsFlags(fs, &c.MetricsListenAddress, &c.MetricsTLSConfig)
	component.AddProfilingFlags(fs, &c.EnablePprof, &c.PprofAddress)
	fs.StringVar(&c.HealthzListenAddress, "internal-healthz-listen-address", c.HealthzListenAddress, "host:port of /livez")
	fs.DurationVar(&c.LeaderElectionConfig.HealthzTimeout, "internal-healthz-leader-election-timeout", c.LeaderElectionConfig.HealthzTimeout,
		"how long /livez stays healthy after the Lease has expired")
	logf.AddFlags(&c.Logging, fs)
}

func addIssuanceFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	fs.BoolVar(&c.ClusterIssuerAmbientCredentials, "cluster-issuer-ambient-credentials", c.ClusterIssuerAmbientCredentials,
		"let ClusterIssuers use credentials of the environment, for example of a cloud's metadata service")
	fs.BoolVar(&c.IssuerAmbientCredentials, "issuer-ambient-credentials", c.IssuerAmbientCredentials,
		"let Issuers use credentials of the environment, for example of a cloud's metadata service")
	fs.BoolVar(&c.EnableCertificateOwnerRef, "enable-certificate-owner-ref", c.EnableCertificateOwnerRef,
		"make a Certificate the owner of its Secret, which is then deleted with it")
	fs.StringSliceVar(&c.CopiedAnnotationPrefixes, "copied-annotation-prefixes", c.CopiedAnnotationPrefixes,
		"prefixes of annotations to copy from Certificates to CertificateRequests and Orders; a leading - excludes")
	fs.DurationVar(&c.CertificateRequestMinimumBackoffDuration, "certificate-request-minimum-backoff-duration", c.CertificateRequestMinimumBackoffDuration,
		"wait after the first failed CertificateRequest; doubles with each further failure")
}

func addShimFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	shim := &c.IngressShimConfig
	fs.StringVar(&shim.DefaultIssuerName, "default-issuer-name", shim.DefaultIssuerName, "issuer of an Ingress that names none")
	fs.StringVar(&shim.DefaultIssuerKind, "default-issuer-kind", shim.DefaultIssuerKind, "kind of the issuer of an Ingress that names none")
	fs.StringVar(&shim.DefaultIssuerGroup, "default-issuer-group", shim.DefaultIssuerGroup, "API group of the issuer of an Ingress that names none")
	fs.StringSliceVar(&shim.DefaultAutoCertificateAnnotations, "auto-certificate-annotations", shim.DefaultAutoCertificateAnnotations,
		"annotations by which an Ingress asks for a certificate of the default issuer")
	fs.StringSliceVar(&shim.ExtraCertificateAnnotations, "extra-certificate-annotations", shim.ExtraCertificateAnnotations,
		"annotations to copy from an Ingress or Gateway to its Certificates")

	fs.BoolVar(&c.EnableGatewayAPI, "enable-gateway-api", c.EnableGatewayAPI, "serve the Gateway API, whose CRDs must be installed")
	fs.BoolVar(&c.EnableGatewayAPIListenerSet, "enable-gateway-api-listenerset", c.EnableGatewayAPIListenerSet,
		"serve ListenerSets; needs the feature gate ListenerSets too")
}

func addHTTP01Flags(fs *pflag.FlagSet, c *config.ACMEHTTP01Config) {
	fs.StringVar(&c.SolverImage, "acme-http01-solver-image", c.SolverImage, "image of the solver Pods")
	fs.StringVar(&c.SolverResourceRequestCPU, "acme-http01-solver-resource-request-cpu", c.SolverResourceRequestCPU, "CPU request of the solver Pods")
	fs.StringVar(&c.SolverResourceRequestMemory, "acme-http01-solver-resource-request-memory", c.SolverResourceRequestMemory, "memory request of the solver Pods")
	fs.StringVar(&c.SolverResourceLimitsCPU, "acme-http01-solver-resource-limits-cpu", c.SolverResourceLimitsCPU, "CPU limit of the solver Pods")
	fs.StringVar(&c.SolverResourceLimitsMemory, "acme-http01-solver-resource-limits-memory", c.SolverResourceLimitsMemory, "memory limit of the solver Pods")
	fs.BoolVar(&c.SolverRunAsNonRoot, "acme-http01-solver-run-as-non-root", c.SolverRunAsNonRoot, "forbid the solver Pods to run as root")
	fs.StringSliceVar(&c.SolverNameservers, "acme-http01-solver-nameservers", c.SolverNameservers, "host:port of the name servers of the HTTP-01 self-check")
}

func addDNS01Flags(fs *pflag.FlagSet, c *config.ACMEDNS01Config) {
	fs.StringSliceVar(&c.RecursiveNameservers, "dns01-recursive-nameservers", c.RecursiveNameservers,
		"name servers of the DNS-01 self-check, host:port or https://host/path (RFC 8484); the system's own if empty")
	fs.BoolVar(&c.RecursiveNameserversOnly, "dns01-recursive-nameservers-only", c.RecursiveNameserversOnly,
		"ask only these and never a zone's own name servers")
	fs.DurationVar(&c.CheckRetryPeriod, "dns01-check-retry-period", c.CheckRetryPeriod, "time between self-checks, of HTTP-01 as well as of DNS-01")
}
