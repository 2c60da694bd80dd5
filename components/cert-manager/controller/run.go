package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/internal/pem"
	"github.com/cert-manager/cert-manager/padlock/internal/serving"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/server"
	"github.com/cert-manager/cert-manager/pkg/util/profiling"
)

const (
	// leaseName is the one Lease that the chart's Role lets the controller update.
	leaseName = "cert-manager-controller"

	shutdownTimeout   = 5 * time.Second
	readHeaderTimeout = 30 * time.Second
)

// run serves metrics and liveness at once, and the controllers once this instance leads. It returns nil when ctx
// ends and an error when a server or a controller fails or the leadership is lost.
func run(ctx context.Context, c *config.ControllerConfiguration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)

	limits := c.PEMSizeLimitsConfig
	pem.SetGlobalSizeLimits(pem.NewSizeLimitsFromConfig(limits.MaxCertificateSize, limits.MaxPrivateKeySize, limits.MaxChainLength, limits.MaxBundleSize))

	options, err := contextOptions(c)
	if err != nil {
		return err
	}
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}

	if err := serveMetrics(ctx, group, c, base); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	if err := serveProfiler(ctx, group, c); err != nil {
		return fmt.Errorf("profiler: %w", err)
	}
	liveness := healthz.NewServer(c.LeaderElectionConfig.HealthzTimeout)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.HealthzListenAddress)
	if err != nil {
		return fmt.Errorf("healthz: %w", err)
	}
	group.Go(func() error { return liveness.Start(ctx, listener) })

	leading, err := elect(ctx, group, c, factory, liveness.LeaderHealthzAdaptor)
	if err != nil {
		return fmt.Errorf("leader election: %w", err)
	}
	select {
	case <-leading:
	case <-ctx.Done():
		return group.Wait()
	}

	if err := startControllers(ctx, group, c, factory); err != nil {
		return err
	}
	stopInformers := startInformers(ctx, c, base)
	defer stopInformers()
	return group.Wait()
}

// elect returns a channel that is closed once this instance leads, which is at once without leader election.
func elect(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, factory *controller.ContextFactory, watchdog *leaderelection.HealthzAdaptor) (<-chan struct{}, error) {
	leading := make(chan struct{})
	election := c.LeaderElectionConfig
	if !election.Enabled {
		close(leading)
		return leading, nil
	}

	base, err := factory.Build("leader-election")
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, election.Namespace, leaseName,
		base.Client.CoreV1(), base.Client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: host + "-external-cert-manager-controller", EventRecorder: base.Recorder})
	if err != nil {
		return nil, err
	}
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   election.LeaseDuration,
		RenewDeadline:   election.RenewDeadline,
		RetryPeriod:     election.RetryPeriod,
		ReleaseOnCancel: true,
		WatchDog:        watchdog,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(leading) },
			OnStoppedLeading: func() {}, // told by the return of Run
		},
	})
	if err != nil {
		return nil, err
	}
	group.Go(func() error {
		elector.Run(ctx)
		if ctx.Err() == nil {
			return errors.New("leader election lost")
		}
		return nil
	})
	return leading, nil
}

func startControllers(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, factory *controller.ContextFactory) error {
	log := logf.FromContext(ctx)
	enabled := enabledControllers(c)
	log.Info("enabled controllers", "controllers", sets.List(enabled))
	known := controller.Known()
	for name := range enabled {
		construct, ok := known[name]
		if !ok {
			return fmt.Errorf("controller %s is enabled but not compiled in", name)
		}
		loop, err := construct(factory)
		if err != nil {
			return fmt.Errorf("controller %s: %w", name, err)
		}
		group.Go(func() error {
			log.V(logf.InfoLevel).Info("starting controller", "controller", name)
			return loop.Run(c.NumberOfConcurrentWorkers, ctx)
		})
	}
	return nil
}

// startInformers starts the informers that metrics and controllers have asked for by now, and returns a function
// that waits for their end.
func startInformers(ctx context.Context, c *config.ControllerConfiguration, base *controller.Context) (wait func()) {
	factories := []interface {
		Start(<-chan struct{})
		Shutdown()
	}{base.SharedInformerFactory, base.KubeSharedInformerFactory, base.HTTP01ResourceMetadataInformersFactory}
	if gatewayAPIEnabled(c) {
		factories = append(factories, base.GWShared)
	}
	for _, f := range factories {
		f.Start(ctx.Done())
	}
	return func() {
		for _, f := range factories {
			f.Shutdown()
		}
	}
}

func serveMetrics(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, base *controller.Context) error {
	certificates := serving.CertificateSource(c.MetricsTLSConfig, base.RESTConfig, "cert-manager")
	if certificates != nil {
		group.Go(func() error {
			if err := certificates.Start(ctx); err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("metrics certificate: %w", err)
			}
			return nil
		})
	}
	listener, err := server.Listen(ctx, "tcp", c.MetricsListenAddress,
		server.WithCertificateSource(certificates),
		server.WithTLSCipherSuites(c.MetricsTLSConfig.CipherSuites),
		server.WithTLSMinVersion(c.MetricsTLSConfig.MinTLSVersion))
	if err != nil {
		return err
	}

	// Only collectors that are set before NewServer are registered.
	certmanager := base.SharedInformerFactory.Certmanager().V1()
	base.Metrics.SetupACMECollector(base.SharedInformerFactory.Acme().V1().Challenges().Lister())
	base.Metrics.SetupCertificateCollector(certmanager.Certificates().Lister())
	base.Metrics.SetupIssuerCollector(certmanager.Issuers().Lister())
	if c.Namespace == "" {
		base.Metrics.SetupClusterIssuerCollector(certmanager.ClusterIssuers().Lister())
	}
	serve(ctx, group, base.Metrics.NewServer(listener), listener)
	return nil
}

func serveProfiler(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration) error {
	if !c.EnablePprof {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.PprofAddress)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	profiling.Install(mux)
	serve(ctx, group, &http.Server{Handler: mux, ReadHeaderTimeout: readHeaderTimeout}, listener)
	return nil
}

// serve runs s until ctx ends, then lets requests that are under way finish for shutdownTimeout.
func serve(ctx context.Context, group *errgroup.Group, s *http.Server, listener net.Listener) {
	group.Go(func() error {
		if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		return s.Shutdown(ctx)
	})
}
