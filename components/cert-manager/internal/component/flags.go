package component

import (
	"strings"

	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"

	"github.com/cert-manager/cert-manager/internal/apis/config/shared"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
)

// AddFeatureGatesFlag binds --feature-gates. It lists the gates registered so far, so the component's feature
// package has to be imported by the caller.
func AddFeatureGatesFlag(fs *pflag.FlagSet, gates *map[string]bool) {
	fs.Var(cliflag.NewMapStringBool(gates), "feature-gates",
		"comma-separated Name=true|false pairs; known gates:\n"+strings.Join(utilfeature.DefaultFeatureGate.KnownFeatures(), "\n"))
}

// AddLeaderElectionFlags binds --leader-elect and --leader-election-*.
func AddLeaderElectionFlags(fs *pflag.FlagSet, c *shared.LeaderElectionConfig) {
	fs.BoolVar(&c.Enabled, "leader-elect", c.Enabled, "let only one instance work at a time")
	fs.StringVar(&c.Namespace, "leader-election-namespace", c.Namespace, "namespace of the Lease")
	fs.DurationVar(&c.LeaseDuration, "leader-election-lease-duration", c.LeaseDuration, "age at which an unrenewed Lease may be taken over")
	fs.DurationVar(&c.RenewDeadline, "leader-election-renew-deadline", c.RenewDeadline, "time within which the leader must renew before it gives up")
	fs.DurationVar(&c.RetryPeriod, "leader-election-retry-period", c.RetryPeriod, "time between attempts to acquire or renew")
}

// AddMetricsFlags binds --metrics-*.
func AddMetricsFlags(fs *pflag.FlagSet, address *string, c *shared.TLSConfig) {
	fs.StringVar(address, "metrics-listen-address", *address, "host:port of the metrics endpoint")

	fs.StringVar(&c.Filesystem.CertFile, "metrics-tls-cert-file", c.Filesystem.CertFile, "file with the metrics endpoint's certificate chain")
	fs.StringVar(&c.Filesystem.KeyFile, "metrics-tls-private-key-file", c.Filesystem.KeyFile, "file with the metrics endpoint's private key")

	fs.DurationVar(&c.Dynamic.LeafDuration, "metrics-dynamic-serving-leaf-duration", c.Dynamic.LeafDuration, "lifetime of the metrics endpoint's generated certificate")
	fs.StringVar(&c.Dynamic.SecretNamespace, "metrics-dynamic-serving-ca-secret-namespace", c.Dynamic.SecretNamespace, "namespace of the Secret with the CA that signs it")
	fs.StringVar(&c.Dynamic.SecretName, "metrics-dynamic-serving-ca-secret-name", c.Dynamic.SecretName, "name of the Secret with the CA that signs it")
	fs.StringSliceVar(&c.Dynamic.DNSNames, "metrics-dynamic-serving-dns-names", c.Dynamic.DNSNames, "DNS names of the generated certificate")

	fs.StringSliceVar(&c.CipherSuites, "metrics-tls-cipher-suites", c.CipherSuites,
		"cipher suites of the metrics endpoint, Go's own choice if empty; of: "+strings.Join(cliflag.TLSCipherPossibleValues(), ","))
	fs.StringVar(&c.MinTLSVersion, "metrics-tls-min-version", c.MinTLSVersion,
		"lowest TLS version of the metrics endpoint, Go's own choice if empty; of: "+strings.Join(cliflag.TLSPossibleVersions(), ", "))
}

// AddProfilingFlags binds --enable-profiling and --profiler-address.
func AddProfilingFlags(fs *pflag.FlagSet, enabled *bool, address *string) {
	fs.BoolVar(enabled, "enable-profiling", *enabled, "serve Go's profiler")
	fs.StringVar(address, "profiler-address", *address, "host:port of the profiler; never expose it publicly")
}
