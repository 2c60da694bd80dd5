package main

import (
	"maps"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/util/sets"

	configdefaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/controller"
)

func TestEveryControllerIsCompiledIn(t *testing.T) {
	// Upstream's list of what --controllers may name has no listenerset.
	want := sets.New(configdefaults.AllControllers...).Insert("listenerset")
	got := sets.New(slices.Collect(maps.Keys(controller.Known()))...)
	if !got.Equal(want) {
		t.Errorf("missing %v, unexpected %v", sets.List(want.Difference(got)), sets.List(got.Difference(want)))
	}
}

func TestEnabledControllers(t *testing.T) {
	defaults := sets.New(configdefaults.DefaultEnabledControllers...)
	signing := configdefaults.ExperimentalCertificateSigningRequestControllers
	for name, c := range map[string]struct {
		args []string
		want sets.Set[string]
	}{
		"default":                {nil, defaults},
		"chart without approver": {[]string{"--controllers=-certificaterequests-approver"}, defaults.Clone().Delete("certificaterequests-approver")},
		"all but one":            {[]string{"--controllers=*,-orders"}, defaults.Clone().Delete("orders")},
		"one":                    {[]string{"--controllers=orders"}, sets.New("orders")},
		"Gateway API":            {[]string{"--enable-gateway-api"}, defaults.Clone().Insert("gateway-shim")},
		"Gateway API gated":      {[]string{"--enable-gateway-api", "--feature-gates=ExperimentalGatewayAPISupport=false"}, defaults},
		"ListenerSets": {[]string{"--enable-gateway-api", "--enable-gateway-api-listenerset", "--feature-gates=ListenerSets=true"},
			defaults.Clone().Insert("gateway-shim", "listenerset")},
		"ListenerSets gated": {[]string{"--enable-gateway-api", "--enable-gateway-api-listenerset"}, defaults.Clone().Insert("gateway-shim")},
		"signing requests":   {[]string{"--feature-gates=ExperimentalCertificateSigningRequestControllers=true"}, defaults.Clone().Insert(signing...)},
		"one namespace":      {[]string{"--namespace=a"}, defaults.Clone().Delete("clusterissuers")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := enabledControllers(mustConfigure(t, c.args...)); !got.Equal(c.want) {
				t.Errorf("missing %v, unexpected %v", sets.List(c.want.Difference(got)), sets.List(got.Difference(c.want)))
			}
		})
	}
}
