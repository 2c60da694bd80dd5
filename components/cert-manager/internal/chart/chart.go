// Package chart tells tests what upstream's Helm chart, which the module carries, passes to the commands.
package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const upstream = "github.com/cert-manager/cert-manager"

var argument = regexp.MustCompile(`(?m)^\s*- --([a-z0-9-]+)=`)

// Flags returns the names of all flags that the template may pass, whatever the values.
func Flags(t *testing.T, template string) []string {
	t.Helper()
	path := filepath.Join(moduleDir(t), "deploy/charts/cert-manager/templates", template)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, match := range argument.FindAllStringSubmatch(string(text), -1) {
		names = append(names, match[1])
	}
	if len(names) == 0 {
		t.Fatalf("no argument found in %s", path)
	}
	return names
}

func moduleDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", upstream).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.TrimSpace(string(out))
}
