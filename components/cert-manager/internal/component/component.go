// Package component turns upstream's configuration types into commands: defaults, then the file of --config,
// then flags, then validation. Upstream keeps this part in its cmd modules, which cannot be imported.
package component

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	logsapi "k8s.io/component-base/logs/api/v1"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util/configfile"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
)

// Component describes a command whose configuration is a C, one of upstream's internal configuration types.
type Component[C any] struct {
	Name  string
	Short string

	// Config holds upstream's defaults; the file and the flags overwrite it in place.
	Config *C
	// AddFlags binds every flag but --config to the fields of Config.
	AddFlags func(*pflag.FlagSet, *C)
	// LoadFile reads a C, defaults included, from an absolute path.
	LoadFile func(path string) (*C, error)
	Validate func(*C, *field.Path) field.ErrorList

	FeatureGates func(*C) map[string]bool
	Logging      func(*C) *logsapi.LoggingConfiguration

	Run func(context.Context, *C) error
}

// Command returns the command for args, the command line without the program's name.
func (c Component[C]) Command(args []string) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:           c.Name,
		Short:         c.Short + " " + Version(),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		PreRunE:       func(cmd *cobra.Command, _ []string) error { return c.configure(cmd, file, args) },
		RunE:          func(cmd *cobra.Command, _ []string) error { return c.Run(cmd.Context(), c.Config) },
	}
	cmd.Flags().StringVar(&file, "config", "", "path of a configuration file; flags take precedence over it")
	c.AddFlags(cmd.Flags(), c.Config)
	cmd.SetArgs(args)
	return cmd
}

// configure is called with the flags parsed once, which says where the file is.
func (c Component[C]) configure(cmd *cobra.Command, file string, args []string) error {
	if file != "" {
		path, err := filepath.Abs(file)
		if err != nil {
			return fmt.Errorf("configuration file %s: %w", file, err)
		}
		// The file's defaults may depend on gates that flags set, so these are needed before it is read.
		if err := c.setFeatureGates(); err != nil {
			return err
		}
		loaded, err := c.LoadFile(path)
		if err != nil {
			return fmt.Errorf("configuration file %s: %w", path, err)
		}
		*c.Config = *loaded
		if err := cmd.ParseFlags(args); err != nil {
			return err
		}
	}
	if err := c.setFeatureGates(); err != nil {
		return err
	}
	if errs := c.Validate(c.Config, nil); len(errs) > 0 {
		return fmt.Errorf("configuration: %w", errs.ToAggregate())
	}
	if err := logf.ValidateAndApply(c.Logging(c.Config)); err != nil {
		return fmt.Errorf("logging configuration: %w", err)
	}
	return nil
}

func (c Component[C]) setFeatureGates() error {
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(c.FeatureGates(c.Config)); err != nil {
		return fmt.Errorf("feature gates: %w", err)
	}
	return nil
}

// LoadFile reads the configuration file at path into file.
func LoadFile(path string, file configfile.ConfigFile) error {
	loader, err := configfile.NewConfigurationFSLoader(nil, path)
	if err != nil {
		return err
	}
	return loader.Load(file)
}

// NewScheme is the signature of upstream's NewSchemeAndCodecs functions.
type NewScheme func(...serializer.CodecFactoryOptionsMutator) (*runtime.Scheme, *serializer.CodecFactory, error)

// SetDefaults fills config, an empty internal configuration, with the defaults of versioned, an empty versioned one.
func SetDefaults(newScheme NewScheme, versioned runtime.Object, config any) error {
	scheme, _, err := newScheme()
	if err != nil {
		return err
	}
	scheme.Default(versioned)
	return scheme.Convert(versioned, config, nil)
}
