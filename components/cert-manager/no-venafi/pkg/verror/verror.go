package verror

import "errors"

var (
	// NotInThisBuild is what every attempt to reach Venafi ends with.
	NotInThisBuild = errors.New("this build of cert-manager has no Venafi client: use another type of issuer")

	ServerUnavailableError = errors.New("server unavailable")
)
