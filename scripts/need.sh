#!/usr/bin/env bash
# Sees to it that the machine has what a target needs: "need.sh build" or
# "need.sh test". What Debian packages are missing it installs where it may (as
# root, or with a sudo that asks for no password); otherwise it says what to
# install, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted_go=$(awk '$1 == "go" { print $2; exit }' go.mod)
ok=true

complain() {
	echo "✗ $*" >&2
	ok=false
}

# have reports whether the first version is at least the second.
have() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

if ! command -v go >/dev/null; then
	complain "Go $wanted_go or newer is needed: https://go.dev/dl/"
# Newer tools fetch the toolchain that go.mod names; those before 1.21 cannot.
elif version=$(GOTOOLCHAIN=local go version | sed 's/^go version go\([0-9.]*\).*/\1/') && ! have "$version" 1.21; then
	complain "Go $wanted_go or newer is needed, this is $version: https://go.dev/dl/"
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	complain "Node 20.20 or newer with npm is needed: https://nodejs.org/en/download"
elif wanted_node=$(node -p 'require("./frontend/package.json").engines.node.replace(">=", "")') &&
	version=$(node --version) && ! have "${version#v}" "$wanted_node"; then
	complain "Node $wanted_node or newer is needed, this is $version: https://nodejs.org/en/download"
fi
$ok || exit 1
[[ ${1:-build} == test ]] || exit 0

packages=()
command -v gcc >/dev/null || command -v clang >/dev/null || packages+=(gcc libc6-dev)
internal/testdb/postgres.sh find >/dev/null 2>&1 || packages+=(postgresql)
[[ -n ${CHROMIUM:-} ]] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
	packages+=(chromium fonts-liberation)
((${#packages[@]} > 0)) || exit 0

as_root=()
((EUID == 0)) || as_root=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
	complain "The tests need a C compiler (for the race detector), Postgres 15 or newer and Chromium."
	complain "Missing here, by Debian's names: ${packages[*]}. Install them: sudo apt-get install ${packages[*]}"
	exit 1
fi
echo "▸ installing ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 </dev/null; then
	tail -n 20 "$log" >&2
	complain "apt-get could not install ${packages[*]}"
	exit 1
fi
