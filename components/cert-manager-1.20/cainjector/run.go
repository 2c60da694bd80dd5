package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextclient "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/watch"
	kscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	clientcache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	watchtools "k8s.io/client-go/tools/watch"
	cliflag "k8s.io/component-base/cli/flag"
	apireg "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	config "github.com/cert-manager/cert-manager/internal/apis/config/cainjector"
	"github.com/cert-manager/cert-manager/internal/kube"
	"github.com/cert-manager/cert-manager/padlock/internal/serving"
	cmscheme "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	cmtls "github.com/cert-manager/cert-manager/pkg/server/tls"
	"github.com/cert-manager/cert-manager/pkg/util"
)

const (
	manager = "cert-manager-cainjector"
	// leaseName is the one Lease that the chart's Role lets cainjector update.
	leaseName = "cert-manager-cainjector-leader-election"

	certificateCRD        = "certificates.cert-manager.io"
	certificateCRDTimeout = 5 * time.Minute
)

// run injects until ctx ends, then returns nil. It returns an error when the manager fails or the leadership is lost.
func run(ctx context.Context, c *config.CAInjectorConfiguration) error {
	restConfig, err := loadRESTConfig(c)
	if err != nil {
		return err
	}
	certificates := serving.CertificateSource(c.MetricsTLSConfig, restConfig, manager)
	options, err := managerOptions(c, certificates)
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(restConfig, options)
	if err != nil {
		return err
	}
	if certificates != nil {
		if err := mgr.Add(certificates); err != nil {
			return err
		}
	}

	if c.EnableDataSourceConfig.Certificates {
		if err := awaitCertificateCRD(ctx, restConfig); err != nil {
			return err
		}
	}
	if err := cainjector.RegisterAllInjectors(ctx, mgr, setupOptions(c)); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// loadRESTConfig names the component in the user agent, from which upstream derives the field manager that
// server-side apply demands.
func loadRESTConfig(c *config.CAInjectorConfiguration) (*rest.Config, error) {
	load := ctrl.GetConfig
	if c.KubeConfig != "" {
		load = func() (*rest.Config, error) { return kube.BuildClientConfig("", c.KubeConfig) }
	}
	restConfig, err := load()
	if err != nil {
		return nil, err
	}
	return util.RestConfigWithUserAgent(restConfig, "cainjector"), nil
}

func managerOptions(c *config.CAInjectorConfiguration, certificates cmtls.CertificateSource) (ctrl.Options, error) {
	metrics, err := metricsOptions(c, certificates)
	if err != nil {
		return ctrl.Options{}, err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{kscheme.AddToScheme, cmscheme.AddToScheme, apiext.AddToScheme, apireg.AddToScheme} {
		utilruntime.Must(add(scheme))
	}
	options := ctrl.Options{
		Scheme: scheme,
		Cache:  cache.Options{ReaderFailOnMissingInformer: true},
		// The reconcilers watch only the metadata of Secrets, so that not every Secret's content is kept in memory.
		Client:  client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		Metrics: metrics,

		LeaderElection:                c.LeaderElectionConfig.Enabled,
		LeaderElectionNamespace:       c.LeaderElectionConfig.Namespace,
		LeaderElectionID:              leaseName,
		LeaderElectionLabels:          map[string]string{"app.kubernetes.io/managed-by": manager},
		LeaderElectionResourceLock:    resourcelock.LeasesResourceLock,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &c.LeaderElectionConfig.LeaseDuration,
		RenewDeadline:                 &c.LeaderElectionConfig.RenewDeadline,
		RetryPeriod:                   &c.LeaderElectionConfig.RetryPeriod,
	}
	if c.Namespace != "" {
		options.Cache.DefaultNamespaces = map[string]cache.Config{c.Namespace: {}}
	}
	if c.EnablePprof {
		options.PprofBindAddress = c.PprofAddress
	}
	return options, nil
}

func metricsOptions(c *config.CAInjectorConfiguration, certificates cmtls.CertificateSource) (metricsserver.Options, error) {
	options := metricsserver.Options{BindAddress: c.MetricsListenAddress}
	if certificates == nil {
		return options, nil
	}
	ciphers, err := cliflag.TLSCipherSuites(c.MetricsTLSConfig.CipherSuites)
	if err != nil {
		return options, fmt.Errorf("metrics: %w", err)
	}
	minVersion, err := cliflag.TLSVersion(c.MetricsTLSConfig.MinTLSVersion)
	if err != nil {
		return options, fmt.Errorf("metrics: %w", err)
	}
	options.SecureServing = true
	options.TLSOpts = []func(*tls.Config){func(t *tls.Config) {
		t.CipherSuites = ciphers
		t.MinVersion = minVersion
		t.GetCertificate = certificates.GetCertificate
	}}
	return options, nil
}

func setupOptions(c *config.CAInjectorConfiguration) cainjector.SetupOptions {
	return cainjector.SetupOptions{
		Namespace:                    c.Namespace,
		EnableCertificatesDataSource: c.EnableDataSourceConfig.Certificates,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   c.EnableInjectableConfig.MutatingWebhookConfigurations,
			cainjector.ValidatingWebhookConfigurationName: c.EnableInjectableConfig.ValidatingWebhookConfigurations,
			cainjector.CustomResourceDefinitionName:       c.EnableInjectableConfig.CustomResourceDefinitions,
			cainjector.APIServiceName:                     c.EnableInjectableConfig.APIServices,
		},
	}
}

// awaitCertificateCRD waits until the API server serves Certificates, which the manager could not watch before.
func awaitCertificateCRD(ctx context.Context, restConfig *rest.Config) error {
	clients, err := apiextclient.NewForConfig(restConfig)
	if err != nil {
		return err
	}
	crds := clientcache.NewListWatchFromClient(clients.ApiextensionsV1().RESTClient(), "customresourcedefinitions", "",
		fields.OneTermEqualSelector("metadata.name", certificateCRD))
	limited, cancel := context.WithTimeout(ctx, certificateCRDTimeout)
	defer cancel()
	if _, err := watchtools.UntilWithSync(limited, crds, &apiext.CustomResourceDefinition{}, nil, isEstablished); err != nil {
		return fmt.Errorf("the CRD %s is not established after %s: install cert-manager's CRDs, or set --enable-certificates-data-source=false: %w",
			certificateCRD, certificateCRDTimeout, err)
	}
	return nil
}

func isEstablished(event watch.Event) (bool, error) {
	crd, ok := event.Object.(*apiext.CustomResourceDefinition)
	if !ok || event.Type == watch.Deleted {
		return false, nil
	}
	for _, condition := range crd.Status.Conditions {
		if condition.Type == apiext.Established {
			return condition.Status == apiext.ConditionTrue, nil
		}
	}
	return false, nil
}
