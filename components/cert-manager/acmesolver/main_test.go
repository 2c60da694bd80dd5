package main

import (
	"testing"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
)

func TestParsesTheArgumentsOfSolverPods(t *testing.T) {
	s := &solver.HTTP01Solver{}
	// As pkg/issuer/acme/http/pod.go upstream writes them.
	args := []string{"--listen-port=8089", "--domain=a.example.test", "--token=token", "--key=token.thumbprint"}
	if err := newCommand(s).ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	if s.ListenPort != 8089 || s.Domain != "a.example.test" || s.Token != "token" || s.Key != "token.thumbprint" {
		t.Errorf("parsed port %d, domain %q, token %q, key %q", s.ListenPort, s.Domain, s.Token, s.Key)
	}
}
