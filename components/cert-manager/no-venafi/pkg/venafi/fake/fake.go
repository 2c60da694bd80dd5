// Package fake is empty. Upstream's tests import it, which `go mod tidy` wants to resolve.
package fake
