package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	config "github.com/cert-manager/cert-manager/internal/apis/config/webhook"
	"github.com/cert-manager/cert-manager/padlock/internal/chart"
	"github.com/cert-manager/cert-manager/padlock/internal/testprocess"
)

// configure returns the configuration that args lead to.
func configure(t *testing.T, args ...string) (*config.WebhookConfiguration, error) {
	t.Helper()
	testprocess.Reset(t)
	var got *config.WebhookConfiguration
	cmd, err := newCommand(args, func(_ context.Context, c *config.WebhookConfiguration) error {
		got = c
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.ExecuteContext(t.Context())
	return got, err
}

func TestKnowsEveryFlagOfTheChart(t *testing.T) {
	cmd, err := newCommand(nil, run)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range chart.Flags(t, "webhook-deployment.yaml") {
		if cmd.Flags().Lookup(name) == nil {
			t.Errorf("--%s is unknown", name)
		}
	}
}

func TestParsesTheChartsDefaultArguments(t *testing.T) {
	got, err := configure(t,
		"--v=2",
		"--secure-port=10250",
		"--dynamic-serving-ca-secret-namespace=cert-manager",
		"--dynamic-serving-ca-secret-name=cert-manager-webhook-ca",
		"--dynamic-serving-dns-names=cert-manager-webhook",
		"--dynamic-serving-dns-names=cert-manager-webhook.cert-manager",
		"--dynamic-serving-dns-names=cert-manager-webhook.cert-manager.svc",
	)
	if err != nil {
		t.Fatal(err)
	}
	if got.SecurePort != 10250 || got.HealthzPort != 6080 || got.MetricsListenAddress != "0.0.0.0:9402" {
		t.Errorf("ports: %d, %d, %s", got.SecurePort, got.HealthzPort, got.MetricsListenAddress)
	}
	want := []string{"cert-manager-webhook", "cert-manager-webhook.cert-manager", "cert-manager-webhook.cert-manager.svc"}
	if !slices.Equal(got.TLSConfig.Dynamic.DNSNames, want) {
		t.Errorf("DNS names: %v", got.TLSConfig.Dynamic.DNSNames)
	}
	if got.TLSConfig.Dynamic.LeafDuration == 0 {
		t.Error("the serving certificate would have no lifetime")
	}
}

func TestReadsTheChartsConfigurationFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := "apiVersion: webhook.config.cert-manager.io/v1alpha1\nkind: WebhookConfiguration\nsecurePort: 10260\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := configure(t, "--config="+file)
	if err != nil {
		t.Fatal(err)
	}
	if got.SecurePort != 10260 || got.HealthzPort != 6080 {
		t.Errorf("secure port %d, healthz port %d", got.SecurePort, got.HealthzPort)
	}
}

func TestRefusesAnUnknownFeatureGate(t *testing.T) {
	if _, err := configure(t, "--feature-gates=NoSuchGate=true"); err == nil || !strings.Contains(err.Error(), "NoSuchGate") {
		t.Errorf("got %v", err)
	}
}
