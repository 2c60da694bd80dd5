// In place of the Venafi SDK, which this build does without: see ../README.md.
module github.com/Venafi/vcert/v5

go 1.26.0
