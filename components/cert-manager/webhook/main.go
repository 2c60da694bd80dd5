// Command webhook is cert-manager's admission webhook: upstream's server and flags under our own main.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	logsapi "k8s.io/component-base/logs/api/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	config "github.com/cert-manager/cert-manager/internal/apis/config/webhook"
	"github.com/cert-manager/cert-manager/internal/apis/config/webhook/validation"
	"github.com/cert-manager/cert-manager/internal/webhook"
	_ "github.com/cert-manager/cert-manager/internal/webhook/feature" // registers the feature gates
	"github.com/cert-manager/cert-manager/padlock/internal/component"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/configfile"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
)

func main() {
	ctrl.SetLogger(logf.Log)
	cmd, err := newCommand(os.Args[1:], run)
	if err != nil {
		panic(err) // only upstream's own scheme can be at fault
	}
	component.Main(cmd)
}

func newCommand(args []string, run func(context.Context, *config.WebhookConfiguration) error) (*cobra.Command, error) {
	defaults, err := options.NewWebhookConfiguration()
	if err != nil {
		return nil, err
	}
	return component.Component[config.WebhookConfiguration]{
		Name:         "webhook",
		Short:        "cert-manager's admission webhook",
		Config:       defaults,
		AddFlags:     options.AddConfigFlags,
		LoadFile:     loadFile,
		Validate:     validation.ValidateWebhookConfiguration,
		FeatureGates: func(c *config.WebhookConfiguration) map[string]bool { return c.FeatureGates },
		Logging:      func(c *config.WebhookConfiguration) *logsapi.LoggingConfiguration { return &c.Logging },
		Run:          run,
	}.Command(args), nil
}

func loadFile(path string) (*config.WebhookConfiguration, error) {
	file := configfile.New()
	err := component.LoadFile(path, file)
	return file.Config, err
}

func run(ctx context.Context, c *config.WebhookConfiguration) error {
	server, err := webhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *c)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
