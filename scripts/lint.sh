#!/usr/bin/env bash
# Lints everything with one version of one linter, built once for each version of
# Go and kept beside Go's build cache.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v2.15.0
dir=$(dirname "$(go env GOCACHE)")/drystone/golangci-lint-$version-$(go env GOVERSION)
if [[ ! -x $dir/golangci-lint ]]; then
	echo "▸ building golangci-lint $version (once; some minutes)"
	mkdir -p "$dir"
	GOBIN=$dir GOFLAGS='' go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version" 2> >(grep -v '^go: downloading' >&2 || true)
fi

if [[ ${1:-} == fix ]]; then
	exec "$dir/golangci-lint" fmt
fi
echo "▸ golangci-lint"
"$dir/golangci-lint" run ./...
if command -v shellcheck >/dev/null; then
	echo "▸ shellcheck"
	shellcheck .ci/run scripts/*.sh internal/testdb/postgres.sh
fi
