// Package testprocess lets a test run a command several times in one process.
package testprocess

import (
	"testing"

	logsapi "k8s.io/component-base/logs/api/v1"

	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
)

// Reset gives the process the feature gates and the logging configuration of a new one, until t ends or Reset is
// called again.
func Reset(t *testing.T) {
	t.Helper()
	if err := logsapi.ResetForTest(nil); err != nil { // otherwise it may be applied only once
		t.Fatal(err)
	}
	gates := utilfeature.DefaultMutableFeatureGate
	t.Cleanup(func() { utilfeature.DefaultMutableFeatureGate, utilfeature.DefaultFeatureGate = gates, gates })
	fresh := gates.DeepCopy().DeepCopyAndReset()
	utilfeature.DefaultMutableFeatureGate, utilfeature.DefaultFeatureGate = fresh, fresh
}
