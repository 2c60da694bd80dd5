package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/padlock/internal/chart"
	"github.com/cert-manager/cert-manager/padlock/internal/testprocess"
)

// configure returns the configuration that args lead to.
func configure(t *testing.T, args ...string) (*config.ControllerConfiguration, error) {
	t.Helper()
	testprocess.Reset(t)
	var got *config.ControllerConfiguration
	cmd, err := newCommand(args, func(_ context.Context, c *config.ControllerConfiguration) error {
		got = c
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.ExecuteContext(t.Context())
	return got, err
}

func mustConfigure(t *testing.T, args ...string) *config.ControllerConfiguration {
	t.Helper()
	got, err := configure(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func writeFile(t *testing.T, lines ...string) string {
	t.Helper()
	lines = append([]string{"apiVersion: controller.config.cert-manager.io/v1alpha1", "kind: ControllerConfiguration"}, lines...)
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKnowsEveryFlagOfTheChart(t *testing.T) {
	cmd, err := newCommand(nil, run)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range chart.Flags(t, "deployment.yaml") {
		if cmd.Flags().Lookup(name) == nil {
			t.Errorf("--%s is unknown", name)
		}
	}
}

func TestParsesTheChartsDefaultArguments(t *testing.T) {
	got := mustConfigure(t,
		"--v=2",
		"--cluster-resource-namespace=cert-manager",
		"--leader-election-namespace=kube-system",
		"--acme-http01-solver-image=quay.io/jetstack/cert-manager-acmesolver:v1.21.2",
		"--max-concurrent-challenges=60",
	)
	if got.HealthzListenAddress != "0.0.0.0:9403" || got.MetricsListenAddress != "0.0.0.0:9402" {
		t.Errorf("healthz on %s, metrics on %s", got.HealthzListenAddress, got.MetricsListenAddress)
	}
	if got.ClusterResourceNamespace != "cert-manager" || got.ACMEHTTP01Config.SolverImage != "quay.io/jetstack/cert-manager-acmesolver:v1.21.2" {
		t.Errorf("cluster resources in %s, solver image %s", got.ClusterResourceNamespace, got.ACMEHTTP01Config.SolverImage)
	}
	if election := got.LeaderElectionConfig; !election.Enabled || election.Namespace != "kube-system" {
		t.Errorf("leader election: %+v", election)
	}
	if got.EnablePprof {
		t.Error("the profiler is on")
	}
	if got.ACMEDNS01Config.CheckRetryPeriod != 10*time.Second {
		t.Errorf("self-checks every %s", got.ACMEDNS01Config.CheckRetryPeriod)
	}
}

func TestParsesFlagsThatScenariosSet(t *testing.T) {
	got := mustConfigure(t, "--dns01-check-retry-period=1s", "--dns01-recursive-nameservers=10.0.0.10:53", "--dns01-recursive-nameservers-only=true",
		"--enable-gateway-api", "--acme-http01-solver-extra-labels=a=b", "--acme-http01-solver-extra-labels=c=d")
	options, err := contextOptions(got)
	if err != nil {
		t.Fatal(err)
	}
	if options.DNS01CheckRetryPeriod != time.Second || options.DNS01CheckAuthoritative || !slices.Equal(options.DNS01Nameservers, []string{"10.0.0.10:53"}) {
		t.Errorf("DNS-01: %+v", options.ACMEOptions)
	}
	if !options.EnableGatewayAPI {
		t.Error("the Gateway API is off")
	}
	if labels := options.HTTP01SolverExtraLabels; labels["a"] != "b" || labels["c"] != "d" {
		t.Errorf("solver labels: %v", labels)
	}
}

func TestFlagsTakePrecedenceOverTheFile(t *testing.T) {
	file := writeFile(t, "enableGatewayAPI: true", "numberOfConcurrentWorkers: 7", "maxConcurrentChallenges: 8")
	got := mustConfigure(t, "--config="+file, "--max-concurrent-challenges=9", "--acme-http01-solver-extra-labels=a=b")
	if got.NumberOfConcurrentWorkers != 7 || got.MaxConcurrentChallenges != 9 {
		t.Errorf("%d workers, %d challenges", got.NumberOfConcurrentWorkers, got.MaxConcurrentChallenges)
	}
	if !got.GatewayAPIConfig.Enabled {
		t.Error("enableGatewayAPI was not taken from the file")
	}
	if got.ACMEHTTP01Config.SolverExtraLabels["a"] != "b" {
		t.Errorf("solver labels: %v", got.ACMEHTTP01Config.SolverExtraLabels)
	}
}

func TestRefusesBadConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		want string
		args []string
	}{
		"unknown flag":         {"no-such-flag", []string{"--no-such-flag"}},
		"unknown feature gate": {"NoSuchGate", []string{"--feature-gates=NoSuchGate=true"}},
		"unknown controller":   {"no-such-controller", []string{"--controllers=no-such-controller"}},
		"missing file":         {"no-such-file", []string{"--config=/no-such-file"}},
		"unknown field":        {"noSuchField", []string{"--config=" + writeFile(t, "noSuchField: 1")}},
		"name server, no port": {"recursiveNameservers", []string{"--dns01-recursive-nameservers=10.0.0.10"}},
	} {
		if _, err := configure(t, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
