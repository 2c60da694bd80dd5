package cloud

import "github.com/Venafi/vcert/v5/pkg/endpoint"

// Connector is never made: see vcert.NewClient.
type Connector struct{ endpoint.Connector }
