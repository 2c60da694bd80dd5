package component

import (
	"context"

	"github.com/spf13/cobra"

	cmdutil "github.com/cert-manager/cert-manager/internal/cmd/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
)

// Main runs cmd until it ends or SIGINT or SIGTERM arrives. An error is logged and makes the exit code 1.
func Main(cmd *cobra.Command) {
	ctx, exit := cmdutil.SetupExitHandler(context.Background(), cmdutil.GracefulShutdown)
	defer exit() // may call os.Exit, so it has to be deferred first

	logf.InitLogs()
	defer logf.FlushLogs()
	ctx = logf.NewContext(ctx, logf.Log)

	if err := cmd.ExecuteContext(ctx); err != nil {
		logf.FromContext(ctx).Error(err, cmd.Name()+" failed")
		cmdutil.SetExitCode(err)
	}
}

// Version names the upstream release, which the build has to set: see README.md.
func Version() string {
	return "(" + util.AppVersion + ", main by Padlock)"
}
