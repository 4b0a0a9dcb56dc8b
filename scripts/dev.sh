#!/usr/bin/env bash
# For working on the frontend: Vite on http://localhost:5173, which shows a change
# as soon as it is saved and hands /api on to a server of its own, on port 8080
# with data in data/dev. For working on the server: stop, and start again.
set -euo pipefail
cd "$(dirname "$0")/.."

# Browsers see Vite's address, so that is the host: passkeys and cookies are
# bound to it.
export DRYSTONE_HOST=localhost:5173
export DRYSTONE_LISTEN=localhost:8080
export DRYSTONE_DATABASE=${DRYSTONE_DATABASE:-sqlite:data/dev/drystone.db}
export DRYSTONE_MEDIA=${DRYSTONE_MEDIA:-file:data/dev/media}
export DRYSTONE_LOG=${DRYSTONE_LOG:-debug}
export DRYSTONE_URL=http://localhost:8080

if [[ $DRYSTONE_DATABASE == sqlite:data/dev/drystone.db && ! -e data/dev/drystone.db ]]; then
	bin/drystone demo
fi

server="" vite=""
finish() {
	trap '' INT TERM HUP
	kill $server $vite 2>/dev/null || true
	wait
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

bin/drystone serve &
server=$!
npm --prefix frontend run dev -- --port 5173 --strictPort &
vite=$!
wait -n
