#!/usr/bin/env bash
# Runs every test there is: Go's with the race detector on both databases, the
# frontend's, and the browser's. It brings its own Postgres and its own servers,
# on a socket and on free ports, and ends all it started however it ends itself.
#
# With arguments it runs only these parts: go, frontend, browser.
set -euo pipefail
cd "$(dirname "$0")/.."

# The race detector is written in C.
export CGO_ENABLED=1

# SQLite is C that was translated. To watch each access of memory inside of it
# takes three quarters of the time of all tests and can find nothing that is
# ours; everything around it is watched, its driver too.
race=(
	-race
	"-gcflags=modernc.org/...=-d=checkptr=0"
	"-gcflags=modernc.org/sqlite/lib=-race=false"
	"-gcflags=modernc.org/libc/...=-race=false"
	"-gcflags=modernc.org/memory/...=-race=false"
)

parts=${*:-go frontend browser}
wants() { [[ " $parts " == *" $1 "* ]]; }

work=$(mktemp -d "${TMPDIR:-/tmp}/drystone-test.XXXXXX")
passed=0 failed=0 skipped=0 summary=false
jobs_started=() postgres="" lifeline=""

# shellcheck disable=SC2317 # trap calls it
finish() {
	local status=$?
	trap '' INT TERM HUP
	exec 2>/dev/null # bash would announce each job that we end
	# Postgres ends with its input.
	[[ -z $lifeline ]] || exec {lifeline}>&-
	for job in "${jobs_started[@]}"; do
		# The whole group: a runner's children too.
		kill -TERM -- "-$job" || true
	done
	for job in "${jobs_started[@]}"; do
		wait "$job" || true
	done
	wait "$postgres" || true
	rm -rf "$work"
	if ! $summary; then
		echo "✗ ended before all tests had run"
		((status != 0)) || status=1
	fi
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Each job gets a process group of its own, by which finish ends it.
set -m

# start runs a command in the background and leaves its id in $job.
start() {
	"$@" </dev/null &
	job=$!
	jobs_started+=("$job")
}

# Whatever happens to this script, also what leaves it no time to tidy up, its
# servers end with it.
leash=()
! command -v setpriv >/dev/null || leash=(setpriv --pdeathsig TERM)

# run waits for a command in a way that a signal can interrupt.
run() {
	start "$@"
	wait "$job"
}

say() { printf '\n▸ %s (%d:%02d)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }

# check runs a command that either holds or does not, and counts it as one.
check() {
	local title=$1
	shift
	say "$title"
	if run "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "✗ $title"
	fi
}

# require is for what the rest cannot do without.
require() {
	say "$1"
	shift
	run "$@" || {
		echo "✗ $* failed"
		exit 1
	}
}

# count adds the three numbers in a file: passed, failed, skipped.
count() {
	local p f s
	read -r p f s <"$1"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	echo "  $p passed, $f failed$( ((s == 0)) || echo ", $s skipped")"
}

# counted adds what a runner wrote to a file. One that failed counts at least
# one failure, whatever it wrote.
counted() {
	local status=$1 file=$2 before=$failed
	[[ -s $file ]] && count "$file"
	if ((status != 0 && failed == before)); then
		failed=$((failed + 1))
		echo "✗ it failed without saying which test did"
	elif ((status == 0)) && [[ ! -s $file ]]; then
		failed=$((failed + 1))
		echo "✗ it ran no test"
	fi
}

# Go

go_tests() {
	set -o pipefail
	go test "${race[@]}" -timeout 40m -json ./... 2>&1 | node scripts/gotest.mjs "$work/go.counts"
}

start_postgres() {
	coproc POSTGRES { exec internal/testdb/postgres.sh; }
	postgres=$POSTGRES_PID lifeline=${POSTGRES[1]}
	if ! IFS= read -r -u "${POSTGRES[0]}" DRYSTONE_TEST_POSTGRES; then
		echo "✗ Postgres did not start"
		exit 1
	fi
	export DRYSTONE_TEST_POSTGRES
}

# Frontend

npm_in_frontend() { npm --prefix frontend --no-update-notifier --no-fund run --silent "$@"; }

unit_tests() {
	local file=$work/vitest.json status=0
	npm_in_frontend test -- --reporter=default --reporter=json --outputFile.json="$file" || status=$?
	[[ -s $file ]] && node -e '
		const fs = require("fs"), r = JSON.parse(fs.readFileSync(process.argv[1]));
		fs.writeFileSync(process.argv[2], [r.numPassedTests, r.numFailedTests, r.numPendingTests].join(" ") + "\n");
	' "$file" "$work/unit.counts"
	return "$status"
}

# The OpenAPI document is held against the code by a test of api/v1; these are the
# frontend's types held against the document.
types_fresh() {
	frontend/node_modules/.bin/openapi-typescript api/v1/openapi.json -o "$work/schema.gen.d.ts" >/dev/null || return 1
	if ! cmp -s "$work/schema.gen.d.ts" frontend/src/lib/api/schema.gen.d.ts; then
		echo "frontend/src/lib/api/schema.gen.d.ts is stale: make generate"
		return 1
	fi
}

# Browser

free_port() { node -e 'const s = require("net").createServer().listen(0, "localhost", () => { console.log(s.address().port); s.close(); })'; }

# serve starts a server with a database of its own, filled with the demo if asked
# to, and leaves its address in $url.
serve() {
	local name=$1 demo=${2:-} port
	port=$(free_port)
	url=http://localhost:$port
	local settings=(
		"DRYSTONE_HOST=localhost:$port" "DRYSTONE_LISTEN=localhost:$port" "DRYSTONE_LOG=warn"
		# Everybody in the browser's tests comes from one address.
		"DRYSTONE_LIMITS=100"
		"DRYSTONE_DATABASE=sqlite:$work/$name/drystone.db" "DRYSTONE_MEDIA=file:$work/$name/media"
		# They may talk to each other, which servers at private addresses else may not.
		"DRYSTONE_ALLOW_RANGES=127.0.0.0/8,::1/128"
	)
	mkdir "$work/$name"
	if [[ -n $demo ]]; then
		run env "${settings[@]}" bin/drystone demo >"$work/$name.log" 2>&1 || {
			echo "✗ the demo could not be made:"
			cat "$work/$name.log"
			return 1
		}
	fi
	start "${leash[@]}" env "${settings[@]}" bin/drystone serve >>"$work/$name.log" 2>&1
	for ((i = 0; i < 300; i++)); do
		(exec 3<>"/dev/tcp/localhost/$port") 2>/dev/null && return 0
		kill -0 "$job" 2>/dev/null || break
		sleep 0.1
	done
	echo "✗ the $name server did not start:"
	cat "$work/$name.log"
	return 1
}

browser_tests() {
	CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
	export CHROMIUM
	set -o pipefail
	NODE_OPTIONS=--test-reporter=spec npm_in_frontend e2e 2>&1 | tee "$work/e2e.log"
}

# The last numbers that Node's runner prints, whichever its reporter.
browser_counts() {
	last() { sed -nE "s/^[#ℹ] $1 ([0-9]+)\$/\1/p" "$work/e2e.log" | tail -n 1; }
	local passed failed
	passed=$(last pass) failed=$(($(last fail) + $(last cancelled)))
	((${passed:-0} + failed == 0)) || echo "${passed:-0} $failed $(($(last skipped) + $(last todo)))" >"$work/e2e.counts"
}

# The story

scripts/need.sh test

# The two largest libraries take a minute or more to compile for the race
# detector, and know nothing of the frontend: they can begin while npm works.
if wants go; then
	start go build "${race[@]}" ./federation/as ./storage
	early=$job
fi
require "Frontend: install and build" make --no-print-directory frontend
if wants go; then
	wait "$early" || true # what does not compile is reported below
fi
if wants browser; then
	require "Server: build" make --no-print-directory server
fi

if wants frontend; then
	say "Frontend: unit tests"
	status=0
	run unit_tests || status=$?
	counted "$status" "$work/unit.counts"
	check "Frontend: types of the API are fresh" types_fresh
	check "Frontend: types" npm_in_frontend check
	check "Frontend: bundle budget" npm_in_frontend budget
fi

if wants go; then
	check "Go: vet" go vet ./...
	start_postgres
	say "Go: tests with the race detector, on SQLite and Postgres"
	status=0
	run go_tests || status=$?
	counted "$status" "$work/go.counts"
fi

if wants browser; then
	say "Browser: tests"
	if serve empty && export DRYSTONE_URL=$url && serve neighbour && export DRYSTONE_NEIGHBOUR_URL=$url &&
		serve demo with-demo && export DRYSTONE_DEMO_URL=$url; then
		status=0
		run browser_tests || status=$?
		browser_counts
		counted "$status" "$work/e2e.counts"
		if ((status != 0)); then
			for name in empty neighbour demo; do
				[[ -s $work/$name.log ]] && echo "The $name server said:" && tail -n 40 "$work/$name.log"
			done
		fi
	else
		failed=$((failed + 1))
	fi
fi

summary=true
printf '\n%d passed, %d failed' "$passed" "$failed"
((skipped == 0)) || printf ', %d skipped' "$skipped"
printf ' (%d:%02d)\n' $((SECONDS / 60)) $((SECONDS % 60))
((failed == 0))
