#!/usr/bin/env bash
# Starts the server that was built. On an empty database it offers the demo.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${DRYSTONE_DATABASE:-} && ! -e data/drystone.db ]]; then
	if [[ -t 0 ]]; then
		read -r -p "The database is empty. Fill it with a demo community? [Y/n] " answer
		case ${answer,,} in
		"" | y | yes) bin/drystone demo ;;
		esac
	else
		echo "The database is empty. To look around in a demo community: bin/drystone demo"
	fi
fi
exec bin/drystone serve
