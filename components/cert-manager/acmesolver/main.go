// Command acmesolver answers the HTTP-01 request of one Challenge (RFC 8555 section 8.3).
// The controller starts it as a Pod per Challenge; see pkg/issuer/acme/http/pod.go upstream for its arguments.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/component-base/logs"

	"github.com/cert-manager/cert-manager/padlock/internal/component"
	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

const shutdownTimeout = 5 * time.Second

func main() {
	component.Main(newCommand(&solver.HTTP01Solver{}))
}

func newCommand(s *solver.HTTP01Solver) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "acmesolver",
		Short:         "HTTP server that answers one ACME HTTP-01 challenge " + component.Version(),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), s) },
	}
	flags := cmd.Flags()
	flags.IntVar(&s.ListenPort, "listen-port", 8089, "port to listen on")
	flags.StringVar(&s.Domain, "domain", "", "host name the challenge is for")
	flags.StringVar(&s.Token, "token", "", "challenge token, the last element of the requested path")
	flags.StringVar(&s.Key, "key", "", "key authorization to answer with")
	return cmd
}

func run(ctx context.Context, s *solver.HTTP01Solver) error {
	if err := logf.ValidateAndApply(logs.NewOptions()); err != nil {
		return fmt.Errorf("log options: %w", err)
	}

	shutdown := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		shutdown <- s.Shutdown(ctx)
	})
	defer stop()

	// ErrServerClosed says only that the shutdown has begun; its own result says whether requests were cut off.
	if err := s.Listen(logf.FromContext(ctx)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-shutdown
}
