#!/usr/bin/env bash
# Starts a private Postgres for tests and prints its address, one line. The
# server lives in a new folder, listens on a socket in it and nowhere else, and
# is gone with all its data as soon as our standard input ends: whoever holds
# the other end may die in any way, it leaves nothing behind.
#
# "postgres.sh find" only says where Postgres is installed, or fails.
# "postgres.sh durable" is for benchmarks: what is committed is on the disk.
set -euo pipefail

fail() {
	echo "testdb: $*" >&2
	exit 1
}

bin=""
if initdb=$(command -v initdb); then
	bin=$(dirname "$(readlink -f "$initdb")")
else
	# Debian keeps the programs out of the PATH, a folder for each version.
	bin=$(find /usr/lib/postgresql /usr/local/pgsql /opt/homebrew/opt -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1 || true)
	bin=${bin:+$(dirname "$bin")}
fi
[[ -x $bin/postgres ]] || fail "the tests need Postgres and found none; on Debian: apt-get install postgresql"
if [[ ${1:-} == find ]]; then
	echo "$bin"
	exit
fi

# In memory where there is room for a few hundred databases, else on disk.
base=${TMPDIR:-/tmp}
settings=(-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c shared_buffers=64MB)
if [[ ${1:-} == durable ]]; then
	settings=(-c shared_buffers=1GB)
elif [[ -w /dev/shm && $(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) -gt 2000000 ]]; then
	base=/dev/shm
fi
dir=$(mktemp -d "$base/drystone-pg.XXXXXX")

# The address of a socket has at most 107 bytes.
((${#dir} < 80)) || fail "the path $dir is too long for a socket; set TMPDIR to a shorter one"

# The server dies with this script; as root it runs as somebody else, since
# Postgres refuses to be root.
as=()
if command -v setpriv >/dev/null; then
	as=(setpriv --pdeathsig QUIT)
fi
if ((EUID == 0)); then
	user=postgres
	id -u "$user" >/dev/null 2>&1 || user=nobody
	chown "$user" "$dir"
	[[ ${#as[@]} -gt 0 ]] || fail "as root, the tests need setpriv (package util-linux)"
	as+=(--reuid "$user" --regid "$(id -g "$user")" --init-groups)
fi
cd "$dir"

server=""
# shellcheck disable=SC2317 # trap calls it
finish() {
	trap '' INT TERM HUP
	if [[ -n $server ]]; then
		# At once and without care: nothing in it is worth a checkpoint.
		kill -QUIT "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	cd /
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

"${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 ||
	fail "initdb failed: $(tail -n 5 "$dir/log")"

"${as[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" -h "" \
	"${settings[@]}" \
	-c max_connections=500 -c dynamic_shared_memory_type=mmap -c max_wal_size=4GB \
	-c timezone=UTC >>"$dir/log" 2>&1 </dev/null &
server=$!

for ((i = 0; i < 300; i++)); do
	kill -0 "$server" 2>/dev/null || fail "Postgres did not start: $(tail -n 5 "$dir/log")"
	if "$bin/pg_isready" -q -h "$dir"; then
		echo "postgres://postgres@/postgres?host=$dir&sslmode=disable"
		exec >/dev/null
		# Nobody writes: this waits for the end of the input.
		cat >/dev/null
		exit 0
	fi
	sleep 0.1
done
fail "Postgres did not answer for 30 seconds: $(tail -n 5 "$dir/log")"
