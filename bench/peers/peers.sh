# How each yardstick is built, started and spoken to. Sourced by ../compare, which sets: $bench (the folder above this
# one), $bin (where programs are built), $port, $dir (an empty folder). A server is three functions:
#   build_X     once, before the first run; a failure stops the comparison
#   prepare_X   before each run, not measured
#   start_X     sets command=(…) and the environment of load/run

publish() { dotnet publish "$1" -c Release -o "$2" -v q -nologo > "$bin/publish.log" 2>&1 || { tail -20 "$bin/publish.log" >&2; return 1; }; }

build_rawcast() { :; }
prepare_rawcast() { :; }
start_rawcast() { command=("$bin/rawcast" "$port" tick); }

build_signalr() { publish "$bench/peers/SignalRPeer" "$bin/signalr"; }
prepare_signalr() { :; }
start_signalr() {
  command=(dotnet "$bin/signalr/SignalRPeer.dll" --urls "http://127.0.0.1:$port")
  export HELLO='{"protocol":"json","version":1}\x1e' HELLO_READY='{}\x1e' READY='"invocationId":"1"'
  export JOIN='{"type":1,"invocationId":"1","target":"Join","arguments":["{room}"]}\x1e'
  export SEND='{"type":1,"target":"Post","arguments":["{room}","{user}","{content}"]}\x1e'
}

build_kestrel() { publish "$bench/peers/KestrelPeer" "$bin/kestrel"; }
prepare_kestrel() { :; }
start_kestrel() { command=(dotnet "$bin/kestrel/KestrelPeer.dll" --urls "http://127.0.0.1:$port"); }

build_nats() { command -v nats-server > /dev/null || { echo "nats needs Debian's nats-server" >&2; return 1; }; }
prepare_nats() { :; }
start_nats() {
  command=(env NATS_WS_PORT="$port" nats-server -c "$bench/peers/nats.conf")
  # The same JSON as payload that the others deliver. Its length is fixed: rooms are r0000, users u00000.
  local before='{"type":"message","room":"{room}","username":"{user}","content":"' after='"}'
  local bytes=$((${#before} - ${#room_slot} - ${#user_slot} + 5 + 6 + 150 + ${#after}))
  export BINARY=1 HELLO='CONNECT {"verbose":false,"pedantic":false}\r\n' HELLO_READY='INFO' READY='PONG' VIA=/
  export JOIN='SUB {room} 1\r\nPING\r\n' SEND="PUB {room} $bytes\\r\\n$before{content}$after\\r\\n"
}
room_slot='{room}' user_slot='{user}'

# Confab refuses to post into a room that does not exist: they are made once, through the API, and every run starts
# from a copy of that data folder.
confab_url() { echo "http://127.0.0.1:$port"; }
build_confab() {
  if [ -z "${CONFAB:-}" ]; then
    CONFAB=$bin/confab
    publish "$bench/../src/Confab.Server" "$CONFAB" || return 1
  fi
  make_rooms "$CONFAB" "$bin/confab-rooms"
}
prepare_confab() { cp -r "$bin/confab-rooms/." "$dir/"; }
start_confab() { command=(dotnet "$CONFAB/Confab.Server.dll" --urls "$(confab_url)" --data "$dir" --limits off); }

# Another version of Confab, published to $BEFORE: nothing may be slower than it was.
build_before() {
  [ -f "${BEFORE:-}/Confab.Server.dll" ] || { echo "before needs BEFORE, a folder with a published Confab.Server.dll" >&2; return 1; }
  make_rooms "$BEFORE" "$bin/before-rooms"
}
prepare_before() { cp -r "$bin/before-rooms/." "$dir/"; }
start_before() { command=(dotnet "$BEFORE/Confab.Server.dll" --urls "$(confab_url)" --data "$dir" --limits off); }

# A data folder with a thousand rooms, made by the Confab in $1 in $2.
make_rooms() {
  local template=$2 up=
  rm -rf "$template" && mkdir -p "$template"
  dotnet "$1/Confab.Server.dll" --urls "$(confab_url)" --data "$template" --limits off > "$bin/confab-rooms.log" 2>&1 &
  local server=$!
  for ((t = 0; t < 200; t++)); do curl -sf "$(confab_url)/api/rooms" > /dev/null && { up=1; break; }; sleep .1; done
  [ -n "$up" ] || { echo "Confab does not start:" >&2; tail -5 "$bin/confab-rooms.log" >&2; kill $server 2>/dev/null; return 1; }
  for ((r = 0; r < 1000; r++)); do
    [ $r -gt 0 ] && echo next
    printf 'url = "%s/api/rooms"\nheader = "Content-Type: application/json"\ndata = "{\\"name\\":\\"r%04d\\"}"\n' "$(confab_url)" $r
    printf 'output = "/dev/null"\nwrite-out = "%%{http_code}\\n"\n'
  done > "$bin/confab-rooms.curl"
  local made
  made=$(curl -s --config "$bin/confab-rooms.curl" | grep -c '^201$')
  kill -TERM $server; wait $server
  [ "$made" = 1000 ] || { echo "Confab made $made of 1,000 rooms" >&2; return 1; }
}
