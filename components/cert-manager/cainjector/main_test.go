package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/watch"

	config "github.com/cert-manager/cert-manager/internal/apis/config/cainjector"
	"github.com/cert-manager/cert-manager/padlock/internal/chart"
	"github.com/cert-manager/cert-manager/padlock/internal/testprocess"
)

// configure returns the configuration that args lead to.
func configure(t *testing.T, args ...string) (*config.CAInjectorConfiguration, error) {
	t.Helper()
	testprocess.Reset(t)
	var got *config.CAInjectorConfiguration
	cmd, err := newCommand(args, func(_ context.Context, c *config.CAInjectorConfiguration) error {
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
	for _, name := range chart.Flags(t, "cainjector-deployment.yaml") {
		if cmd.Flags().Lookup(name) == nil {
			t.Errorf("--%s is unknown", name)
		}
	}
}

func TestParsesTheChartsDefaultArguments(t *testing.T) {
	got, err := configure(t, "--v=2", "--leader-election-namespace=kube-system")
	if err != nil {
		t.Fatal(err)
	}
	if got.MetricsListenAddress != "0.0.0.0:9402" {
		t.Errorf("metrics on %s", got.MetricsListenAddress)
	}
	if election := got.LeaderElectionConfig; !election.Enabled || election.Namespace != "kube-system" || election.LeaseDuration == 0 {
		t.Errorf("leader election: %+v", election)
	}
	if !got.EnableDataSourceConfig.Certificates {
		t.Error("Certificates are no source of CAs")
	}
	for kind, enabled := range setupOptions(got).EnabledReconcilersFor {
		if !enabled {
			t.Errorf("%s is not injected", kind)
		}
	}
}

func TestReadsTheChartsConfigurationFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := "apiVersion: cainjector.config.cert-manager.io/v1alpha1\nkind: CAInjectorConfiguration\nenableInjectableConfig:\n  apiServices: false\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := configure(t, "--config="+file, "--leader-election-namespace=cert-manager")
	if err != nil {
		t.Fatal(err)
	}
	if got.EnableInjectableConfig.APIServices || !got.EnableInjectableConfig.CustomResourceDefinitions {
		t.Errorf("injectables: %+v", got.EnableInjectableConfig)
	}
	if got.LeaderElectionConfig.Namespace != "cert-manager" {
		t.Errorf("the flag was lost: leader election in %s", got.LeaderElectionConfig.Namespace)
	}
}

func TestWaitsForAnEstablishedCRD(t *testing.T) {
	crd := &apiext.CustomResourceDefinition{}
	established := crd.DeepCopy()
	established.Status.Conditions = []apiext.CustomResourceDefinitionCondition{{Type: apiext.Established, Status: apiext.ConditionTrue}}
	for name, c := range map[string]struct {
		event watch.Event
		want  bool
	}{
		"fresh":       {watch.Event{Type: watch.Added, Object: crd}, false},
		"established": {watch.Event{Type: watch.Modified, Object: established}, true},
		"deleted":     {watch.Event{Type: watch.Deleted, Object: established}, false},
	} {
		if got, err := isEstablished(c.event); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
