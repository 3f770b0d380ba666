# Shared by the benches; source it after scripts/lib.sh. `$work` is a folder that goes with the script.

work=$(mktemp -d)
started+=("rm -rf $work")

background() { # CORES COMMAND...: runs it pinned, leaves its process id in $pid
  local cores=$1
  shift
  taskset -c "$cores" "$@" >>"$work/log" 2>&1 &
  pid=$!
  started+=("kill $pid")
}
wait_for_port() {
  local tries=200
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    [ $((tries--)) -gt 0 ] || fail "port $1 did not open; see $work/log"
    sleep 0.05
  done
}
median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
spread() { sort -g | awk '{ value[NR] = $1 } END { printf "%s (%s-%s)", value[int((NR + 1) / 2)], value[1], value[NR] }'; }
