module example.com/tour

go 1.25

require github.com/openclaw/go-sdk v0.0.0

replace github.com/openclaw/go-sdk => ../../../bindings/go
