package main

import (
	"reflect"
	"testing"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/pkg/controller"
)

// Options of cert-manager whose default is the zero value: off, empty or found elsewhere.
var zeroByDefault = map[string]bool{
	"APIServerHost": true, "Kubeconfig": true, "Namespace": true,
	"IssuerAmbientCredentials":     true,
	"HTTP01SolverRuntimeClassName": true, "HTTP01SolverNameservers": true, "HTTP01SolverExtraLabels": true,
	"DefaultIssuerName": true, "ExtraCertificateAnnotations": true, "GatewayAPIExtraProtocols": true,
	"EnableOwnerRef":   true,
	"EnableGatewayAPI": true, "EnableGatewayAPIListenerSet": true,
}

func TestNoOptionIsLeftAtZeroByDefault(t *testing.T) {
	options, err := contextOptions(mustConfigure(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, zero := range zeroFields(options) {
		if zero && !zeroByDefault[name] {
			t.Errorf("%s is not set", name)
		}
	}
}

func TestEveryOptionIsMapped(t *testing.T) {
	c := mustConfigure(t,
		"--master=a", "--kubeconfig=b", "--namespace=c", "--issuer-ambient-credentials",
		"--acme-http01-solver-runtime-class-name=d", "--acme-http01-solver-nameservers=10.0.0.10:53", "--acme-http01-solver-extra-labels=e=f",
		"--default-issuer-name=g", "--extra-certificate-annotations=h", "--gateway-api-extra-protocols=i",
		"--enable-certificate-owner-ref", "--enable-gateway-api", "--enable-gateway-api-listenerset")
	options, err := contextOptions(c)
	if err != nil {
		t.Fatal(err)
	}
	for name, zero := range zeroFields(options) {
		if zero {
			t.Errorf("%s is not set", name)
		}
	}
}

func TestNamesTheQuantityThatIsWrong(t *testing.T) {
	_, err := contextOptions(&config.ControllerConfiguration{ACMEHTTP01Config: config.ACMEHTTP01Config{SolverResourceRequestCPU: "many"}})
	if want := `CPU request of the HTTP-01 solver, "many": `; err == nil || err.Error()[:len(want)] != want {
		t.Errorf("got %v", err)
	}
}

// zeroFields says for each option, those of embedded structs included, whether it is empty.
func zeroFields(options controller.ContextOptions) map[string]bool {
	zero := map[string]bool{}
	var visit func(reflect.Value)
	visit = func(v reflect.Value) {
		for i := range v.NumField() {
			field, value := v.Type().Field(i), v.Field(i)
			switch {
			case field.Anonymous:
				visit(value)
			case value.Kind() == reflect.Slice, value.Kind() == reflect.Map:
				zero[field.Name] = value.Len() == 0
			default:
				zero[field.Name] = value.IsZero()
			}
		}
	}
	visit(reflect.ValueOf(options))
	return zero
}
