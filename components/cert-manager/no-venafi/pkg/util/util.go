package util

type IssuerHint int

const (
	IssuerHintAllIssuers IssuerHint = iota
)
