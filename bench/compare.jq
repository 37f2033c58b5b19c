# The table of bench/compare: for every scenario the medians of each server's runs, and the ratio of its main figure
# to the bare broadcaster's and to SignalR's. The main figure is what the scenario asks for: deliveries a second in a
# closed loop, the 99th percentile of latency at a fixed rate, memory per connection when idle.
def median: map(select(. != null)) | sort | if length == 0 then null
  elif length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def round_to($digits): if . == null then "–" else
  pow(10; $digits) as $p | (. * $p | round) / $p | tostring end;
def ratio($to): if . == null or $to == null or $to == 0 then "–" else (. / $to | round_to(2)) end;
def thousands: if . == null then "–" else (round | tostring) as $s | ($s | length) as $n
  | [range(0; $n) | (if . > 0 and ($n - .) % 3 == 0 then "," else "" end) + $s[.:. + 1]] | add end;

def main($scenario):
  if $scenario == "S4" then .rss_per_conn_kb
  elif $scenario | startswith("S3") then .latency_ms.p99 else .deliveries_per_s end;
def title($scenario):
  if $scenario == "S4" then "KB per connection" elif $scenario | startswith("S3") then "p99 ms" else "deliveries/s" end;

# A run is one to look at when the generator was the limit, something else disturbed it, or anything went missing.
def flags:
  [ (map(select(.failed_run)) | length | select(. > 0) | "\(.) failed"),
    (map(select((.gen_busy_pct // 0) > 90)) | length | select(. > 0) | "generator at its limit in \(.)"),
    (map(select((.other_cpu_pct // 0) > 25 or (.steal_pct // 0) > 10)) | length | select(. > 0) | "disturbed \(.)"),
    (map(select((.failed // 0) > 0 or (.dead // 0) > 0)) | length | select(. > 0) | "connections lost in \(.)"),
    (map(.lost // 0) | add | select(. != 0) | "\(.) not delivered in time"),
    (map(.dup_or_reordered // 0) | add | select(. != 0) | "\(.) repeated or out of order"),
    (map(.stalled_msgs // 0) | add | select(. != 0) | "\(.) given up after 10 s") ] | join("; ");

map(select(.discarded | not)) as $runs
| ($runs | map(.scenario) | reduce .[] as $s ([]; if index($s) then . else . + [$s] end)) as $scenarios
| ($runs | map(.server) | reduce .[] as $s ([]; if index($s) then . else . + [$s] end)) as $servers
| $scenarios[] as $scenario
| ($runs | map(select(.scenario == $scenario))) as $all
| def of($server): $all | map(select(.server == $server)) | map(main($scenario)) | median;
  "### \($scenario)\n",
  "| server | runs | \(title($scenario)) | lowest–highest | ÷ rawcast | ÷ SignalR | p50 ms | p99 ms | max ms | server CPU % | µs CPU a delivery | RSS MB | generator busy % | remarks |",
  "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |",
  ( $servers[] as $server
  | ($all | map(select(.server == $server)))
  | select(length > 0)
  | (map(main($scenario)) | median) as $figure
  | (map(main($scenario)) | map(select(. != null))) as $figures
  | def show: if title($scenario) == "deliveries/s" then thousands else round_to(2) end;
    "| \($server) | \(length) | \($figure | show) | \($figures | min | show)–\($figures | max | show) | \($figure | ratio(of("rawcast"))) | \($figure | ratio(of("signalr")))"
    + " | \(map(.latency_ms.p50) | median | round_to(2)) | \(map(.latency_ms.p99) | median | round_to(2)) | \(map(.latency_ms.max) | median | round_to(1))"
    + " | \(map(.server_cpu_pct) | median | round_to(0)) | \(map(.us_cpu_per_delivery) | median | round_to(2))"
    + " | \(map(.rss_after_kb) | median | if . then . / 1024 else . end | round_to(0)) | \(map(.gen_busy_pct) | median | round_to(0)) | \(flags) |" ),
  ""
