// Command cainjector puts CA certificates into webhook configurations, CRDs and APIServices: upstream's reconcilers
// under our own main.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	logsapi "k8s.io/component-base/logs/api/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	config "github.com/cert-manager/cert-manager/internal/apis/config/cainjector"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/cainjector/scheme"
	"github.com/cert-manager/cert-manager/internal/apis/config/cainjector/validation"
	_ "github.com/cert-manager/cert-manager/internal/cainjector/feature" // registers the feature gates
	"github.com/cert-manager/cert-manager/padlock/internal/component"
	configv1alpha1 "github.com/cert-manager/cert-manager/pkg/apis/config/cainjector/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/cainjector/configfile"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

func main() {
	ctrl.SetLogger(logf.Log)
	cmd, err := newCommand(os.Args[1:], run)
	if err != nil {
		panic(err) // only upstream's own scheme can be at fault
	}
	component.Main(cmd)
}

func newCommand(args []string, run func(context.Context, *config.CAInjectorConfiguration) error) (*cobra.Command, error) {
	defaults := &config.CAInjectorConfiguration{}
	if err := component.SetDefaults(configscheme.NewSchemeAndCodecs, &configv1alpha1.CAInjectorConfiguration{}, defaults); err != nil {
		return nil, err
	}
	return component.Component[config.CAInjectorConfiguration]{
		Name:         "cainjector",
		Short:        "cert-manager's injector of CA certificates",
		Config:       defaults,
		AddFlags:     addFlags,
		LoadFile:     loadFile,
		Validate:     validation.ValidateCAInjectorConfiguration,
		FeatureGates: func(c *config.CAInjectorConfiguration) map[string]bool { return c.FeatureGates },
		Logging:      func(c *config.CAInjectorConfiguration) *logsapi.LoggingConfiguration { return &c.Logging },
		Run:          run,
	}.Command(args), nil
}

func loadFile(path string) (*config.CAInjectorConfiguration, error) {
	file := configfile.New()
	err := component.LoadFile(path, file)
	return file.Config, err
}

// addFlags binds upstream's flags to c. Each flag's default is what c holds already.
func addFlags(fs *pflag.FlagSet, c *config.CAInjectorConfiguration) {
	fs.StringVar(&c.KubeConfig, "kubeconfig", c.KubeConfig, "path of a kubeconfig, needed only outside a cluster")
	fs.StringVar(&c.Namespace, "namespace", c.Namespace, "the one namespace to take CAs from; all namespaces if empty")
	component.AddLeaderElectionFlags(fs, &c.LeaderElectionConfig)
	component.AddFeatureGatesFlag(fs, &c.FeatureGates)

	fs.BoolVar(&c.EnableDataSourceConfig.Certificates, "enable-certificates-data-source", c.EnableDataSourceConfig.Certificates,
		"take CAs from Certificates too, whose CRD must be installed")
	targets := &c.EnableInjectableConfig
	fs.BoolVar(&targets.ValidatingWebhookConfigurations, "enable-validatingwebhookconfigurations-injectable", targets.ValidatingWebhookConfigurations,
		"inject into ValidatingWebhookConfigurations")
	fs.BoolVar(&targets.MutatingWebhookConfigurations, "enable-mutatingwebhookconfigurations-injectable", targets.MutatingWebhookConfigurations,
		"inject into MutatingWebhookConfigurations")
	fs.BoolVar(&targets.CustomResourceDefinitions, "enable-customresourcedefinitions-injectable", targets.CustomResourceDefinitions,
		"inject into CustomResourceDefinitions")
	fs.BoolVar(&targets.APIServices, "enable-apiservices-injectable", targets.APIServices, "inject into APIServices")

	component.AddMetricsFlags(fs, &c.MetricsListenAddress, &c.MetricsTLSConfig)
	component.AddProfilingFlags(fs, &c.EnablePprof, &c.PprofAddress)
	logf.AddFlags(&c.Logging, fs)
}
