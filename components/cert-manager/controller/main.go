// Command controller is cert-manager's controller manager: upstream's controllers under our own main.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	logsapi "k8s.io/component-base/logs/api/v1"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/controller/scheme"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	"github.com/cert-manager/cert-manager/padlock/internal/component"
	configv1alpha1 "github.com/cert-manager/cert-manager/pkg/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/controller/configfile"
)

func main() {
	cmd, err := newCommand(os.Args[1:], run)
	if err != nil {
		panic(err) // only upstream's own scheme can be at fault
	}
	component.Main(cmd)
}

func newCommand(args []string, run func(context.Context, *config.ControllerConfiguration) error) (*cobra.Command, error) {
	defaults := &config.ControllerConfiguration{}
	if err := component.SetDefaults(configscheme.NewSchemeAndCodecs, &configv1alpha1.ControllerConfiguration{}, defaults); err != nil {
		return nil, err
	}
	return component.Component[config.ControllerConfiguration]{
		Name:         "controller",
		Short:        "cert-manager's controller manager",
		Config:       defaults,
		AddFlags:     addFlags,
		LoadFile:     loadFile,
		Validate:     validation.ValidateControllerConfiguration,
		FeatureGates: func(c *config.ControllerConfiguration) map[string]bool { return c.FeatureGates },
		Logging:      func(c *config.ControllerConfiguration) *logsapi.LoggingConfiguration { return &c.Logging },
		Run:          run,
	}.Command(args), nil
}

func loadFile(path string) (*config.ControllerConfiguration, error) {
	file := configfile.New()
	err := component.LoadFile(path, file)
	return file.Config, err
}
