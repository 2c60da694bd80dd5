// Conformance runs the Gateway API's own conformance suite against the cluster of a kubeconfig, as upstream's `go test` does:
// with upstream's flags and those of the testing package.
package main

import (
	"regexp"
	"testing"

	"sigs.k8s.io/gateway-api/conformance"
)

func main() {
	// A program instead of a test binary, so that it is built as every other one. testing.Main is kept for such uses; it exits.
	testing.Main(
		regexp.MatchString,
		[]testing.InternalTest{{Name: "TestConformance", F: conformance.RunConformance}},
		nil,
		nil,
	)
}
