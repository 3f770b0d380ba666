# Shared by the scripts of this folder; source it.

started=()
stop_started() {
  for stop in "${started[@]:-}"; do [ -z "$stop" ] || eval "$stop" >/dev/null 2>&1 || true; done
}
trap stop_started EXIT

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

# Runs a command under a heading and says how long it took.
step() {
  local title=$1 begin=$SECONDS
  shift
  printf '\n== %s\n' "$title"
  "$@"
  printf '== %s: ok after %s s\n' "$title" $((SECONDS - begin))
}

# Takes WITNESS:PACKAGE pairs; installs the Debian packages whose witness (a command or a file pattern) is missing.
need_packages() {
  local pair witness missing=()
  for pair in "$@"; do
    witness=${pair%:*}
    command -v "$witness" >/dev/null 2>&1 || compgen -G "$witness" >/dev/null || missing+=("${pair##*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return
  printf '== Installing %s\n' "${missing[*]}"
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
}

# Installs Python with its `venv`, which Debian packs apart, unless both are there.
need_python() {
  need_packages python3:python3
  python3 -c 'import ensurepip' 2>/dev/null || need_packages none-such-command:python3-venv
}

# Starts a PostgreSQL of our own on a free loopback port, unless DATABASE_URL names one, and exports
# TOLLGATE_TEST_DATABASE_URL for the tests.
start_postgres() {
  if [ -n "${DATABASE_URL:-}" ]; then
    export TOLLGATE_TEST_DATABASE_URL=$DATABASE_URL
    return
  fi
  local programs folder port as_owner=()
  programs=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1)
  [ -n "$programs" ] || fail "PostgreSQL is not installed: install the Debian package \`postgresql\`"
  folder=$(mktemp -d)
  port=$(free_port)
  if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
    as_owner=(setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$folder")
  fi
  "${as_owner[@]}" "$programs/initdb" -D "$folder/db" -U tollgate --auth=trust -E UTF8 --locale=C >/dev/null
  "${as_owner[@]}" "$programs/pg_ctl" -D "$folder/db" -w -l "$folder/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200 -c fsync=off" start >/dev/null
  started+=("${as_owner[*]} $programs/pg_ctl -D $folder/db -m immediate stop; rm -rf $folder")
  export TOLLGATE_TEST_DATABASE_URL=postgres://tollgate@127.0.0.1:$port/postgres
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits until a file exists or the process has ended.
wait_for_file() { # FILE PID SECONDS
  local tries=$(($3 * 20))
  until [ -e "$1" ]; do
    kill -0 "$2" 2>/dev/null || fail "the server ended before it was ready"
    [ $((tries--)) -gt 0 ] || fail "the server was not ready after $3 seconds"
    sleep 0.05
  done
}
