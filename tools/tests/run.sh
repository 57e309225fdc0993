#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh BINDIR: checks of toy that need no module, in TAP. BINDIR/toy meets a
# kernel without the family, BINDIR/obj/toy-fake a kernel side of tables.

bin=$(realpath "${1:?}")
toy=$bin/toy
fake=$bin/obj/toy-fake
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C ASAN_OPTIONS=detect_leaks=0
cd "$(dirname "$0")" || exit 1

total=0
failed=0

result() { # STATUS NAME
	total=$((total + 1))
	if [ "$1" = 0 ]; then
		echo "ok $total - $2"
	else
		failed=$((failed + 1))
		echo "not ok $total - $2"
		sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null
	fi
}

# try NAME STATUS PATTERN COMMAND...: exit status and a basic regular
# expression somewhere in what was printed, "" for anything.
try() {
	local name=$1 want=$2 pattern=$3 rc=0
	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || rc=$?
	[ "$rc" = "$want" ] && cat "$tmp/out" "$tmp/err" | grep -q -e "$pattern"
	result $? "$name"
}

# prints NAME TEXT COMMAND...: stdout is exactly TEXT.
prints() {
	local name=$1 text=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	[ "$(cat "$tmp/out")" = "$text" ]
	result $? "$name"
}

# sends NAME LINE COMMAND...: the request on the wire, as fakenl.c logs it.
sends() {
	local name=$1 line=$2
	shift 2
	rm -f "$tmp/log"
	FAKENL_LOG=$tmp/log "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	cat "$tmp/log" >>"$tmp/out" 2>/dev/null
	grep -qx -e "$line" "$tmp/log" 2>/dev/null
	result $? "$name"
}

# json NAME FILTER COMMAND...: valid JSON for which the jq filter is true.
json() {
	local name=$1 filter=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	jq -e -s "$filter" "$tmp/out" >/dev/null 2>>"$tmp/err"
	result $? "$name"
}

# ---- Words -----------------------------------------------------------------
try "help" 0 '^Usage: toy' "$toy" help
try "no words: help on stderr" 1 '^Usage: toy' "$toy"
try "version" 0 '^toy [0-9]' "$toy" -V
for noun in addr dev route neigh maddr ra ss stat napi monitor; do
	try "$noun help" 0 "^Usage: toy $noun" "$toy" "$noun" help
done
try "abbreviated noun: a" 0 "^Usage: toy addr" "$toy" a help
try "abbreviated noun: r" 0 "^Usage: toy route" "$toy" r help
try "no abbreviation: ra" 0 "^Usage: toy ra" "$toy" ra help
try "abbreviated noun: n" 0 "^Usage: toy neigh" "$toy" n help
try "abbreviated noun: na" 0 "^Usage: toy napi" "$toy" na help
try "abbreviated noun: d" 0 "^Usage: toy dev" "$toy" d h
try "abbreviated noun: m" 0 "^Usage: toy monitor" "$toy" m h
try "abbreviated noun: st" 0 "^Usage: toy stat" "$toy" st help
try "unknown noun" 1 '"link" is unknown' "$toy" link
try "unknown verb" 1 '"frob" is unknown' "$toy" addr frob
try "unknown option" 1 'unknown' "$toy" -x addr
try "no device of that name" 1 'no device "nosuch0"' \
	"$toy" dev attach nosuch0
try "no address" 1 '"10.0.0/8" does not begin with an address' \
	"$toy" addr add 10.0.0/8 dev lo
try "prefix too long" 1 'at most 32 bits' "$toy" addr add 10.0.0.1/33 dev lo
try "device is missing" 1 'dev DEV' "$toy" addr add 10.0.0.1/24
try "value is missing" 1 'wants a value' "$toy" route add default via
try "keyword twice" 1 'comes twice' \
	"$toy" route add default via 10.0.0.1 via 10.0.0.2
try "words too many" 1 'not expected' "$toy" dev show lo lo
try "bad link-layer address" 1 'no link-layer address' \
	"$toy" neigh add 10.0.0.2 lladdr 02:00:zz dev lo
try "bad state" 1 'no state' "$toy" ss state nowhere
try "bad filter" 1 'in a filter' "$toy" ss bogus = 1
try "-4 refuses IPv6" 1 'no IPv4 address' "$toy" -4 route get 2001:db8::1

# ---- Without the module ----------------------------------------------------
for words in addr "dev attach lo" "route get 10.0.0.1" ss stat napi ra monitor; do
	# shellcheck disable=SC2086
	FAKENL=none try "no module: $words" 2 \
		'^toy: module af_toy is not loaded (modprobe af_toy)$' \
		"$fake" $words
done
FAKENL=none prints "no module: nothing on stdout" "" "$fake" -j addr

# ---- Requests: command, flags, attributes -----------------------------------
v4=00000000000000000000ffff
one=01000000
sends "dev attach" "cmd=1 flags=5 1=$one 3=00000000" "$fake" dev attach lo
sends "dev attach exclusive" "cmd=1 flags=5 1=$one 3=01000000" \
	"$fake" d a lo excl
sends "dev detach" "cmd=2 flags=5 1=$one" "$fake" dev detach lo
sends "addr add" "cmd=4 flags=605 2=${v4}0a000001 3=78 1=$one" \
	"$fake" addr add 10.0.0.1/24 dev lo
sends "addr add, all words" \
	"cmd=4 flags=605 2=${v4}0a000001 3=80 1=$one 4=fd 6=${v4}0a0000ff 7=feffffff 5=08000000" \
	"$fake" a a 10.0.0.1 dev lo scope link brd 10.0.0.255 \
	preference -2 noprefixroute
sends "addr replace, IPv6" \
	"cmd=4 flags=505 2=20010db8000000000000000000000001 3=40 1=$one" \
	"$fake" addr replace 2001:db8::1/64 dev lo
sends "addr add, lifetimes" \
	"cmd=4 flags=605 2=20010db8000000000000000000000001 3=40 1=$one 8=100e0000 9=ffffffff 5=48000000" \
	"$fake" addr add 2001:db8::1/64 dev lo valid_lft 3600 \
	preferred_lft forever nodad noprefixroute
sends "addr del" "cmd=5 flags=5 2=${v4}0a000001 3=78 1=$one" \
	"$fake" addr del 10.0.0.1/24 dev lo
sends "route add default via" \
	"cmd=7 flags=605 1=${v4}00000000 2=60 3=${v4}0a0000fe" \
	"$fake" route add default via 10.0.0.254
sends "route add default via IPv6" \
	"cmd=7 flags=605 1=00000000000000000000000000000000 2=00 3=fe800000000000000000000000000001 4=$one" \
	"$fake" route add default via fe80::1 dev lo
sends "route append, all words" \
	"cmd=7 flags=c05 1=${v4}0a010000 2=70 4=$one 5=${v4}0a000001 6=64000000 7=78050000" \
	"$fake" route append 10.1.0.0/16 dev lo src 10.0.0.1 metric 100 mtu 1400
sends "route add nexthops" \
	"cmd=7 flags=605 1=${v4}00000000 2=60 13=1400010000000000000000000000ffff0a0000fe0800030003000000 13=0800020001000000" \
	"$fake" route add default nexthop via 10.0.0.254 weight 3 nexthop dev lo
sends "route add, metrics" \
	"cmd=7 flags=605 1=${v4}0a010000 2=70 4=$one 7=78050000 14=10270000 15=b0040000 16=14000000 17=1e000000 18=09000000 20=60ea0000 19=07000000" \
	"$fake" route add 10.1.0.0/16 dev lo mtu lock 1400 window 10000 \
	advmss 1200 initcwnd 20 initrwnd 30 hoplimit 9 features ecn onlink \
	expires 60
sends "route get oif mark" "cmd=9 flags=5 1=${v4}0a010203 4=$one 22=05000000" \
	"$fake" route get 10.1.2.3 oif lo mark 5
sends "route show cache" "cmd=9 flags=301 21=" "$fake" route show cache
sends "route flush cache" "cmd=18 flags=5" "$fake" route flush cache
try "route flush what" 1 'only the cache' "$fake" route flush
try "nexthop of nothing" 1 'wants "via" or "dev"' "$fake" route add default nexthop
sends "route replace blackhole" \
	"cmd=7 flags=505 8=04 1=${v4}0a090000 2=70" \
	"$fake" route replace blackhole 10.9.0.0/16
sends "route del" "cmd=8 flags=5 1=${v4}0a010000 2=70 6=05000000" \
	"$fake" route del 10.1.0.0/16 metric 5
sends "route get" \
	"cmd=9 flags=5 1=${v4}0a010203 11=${v4}0a000001 4=$one" \
	"$fake" route get 10.1.2.3 from 10.0.0.1 dev lo
sends "route show all" "cmd=9 flags=301 12=" "$fake" route show all
sends "neigh add" \
	"cmd=10 flags=605 2=${v4}0a000002 3=02000000002b 1=$one 4=07" \
	"$fake" neigh add 10.0.0.2 lladdr 02:00:00:00:00:2b dev lo
sends "neigh replace nud stale" \
	"cmd=10 flags=505 2=${v4}0a000002 3=02000000002b 1=$one 4=03" \
	"$fake" neigh replace 10.0.0.2 lladdr 2:0:0:0:0:2b dev lo nud stale
sends "neigh del" "cmd=11 flags=5 2=${v4}0a000002 1=$one" \
	"$fake" neigh del 10.0.0.2 dev lo
sends "neigh flush" "cmd=12 flags=5 1=$one" "$fake" neigh flush dev lo
sends "ss -K" \
	"cmd=15 flags=5 2=00020000 5=${v4}0a000001 6=1600 7=${v4}0a000002 8=38c7 14=0110000000000000" \
	"$fake" ss -K dst 10.0.0.2 dport = :51000

# ---- Batches -----------------------------------------------------------------
# batch NAME STATUS PATTERN TEXT OPTIONS...: a file of commands.
batch() {
	local name=$1 status=$2 pattern=$3
	printf '%b' "$4" >"$tmp/batch"
	shift 4
	try "$name" "$status" "$pattern" "$fake" "$@" -batch "$tmp/batch"
}

batch "batch: words, quotes, comments, lines that go on" 0 'Usage: toy route' \
	'# nothing\n\n  route add "10.1.0.0/16" \\\n\tvia \x2710.0.0.254\x27 # way\nroute help\n'
batch "batch: the last line may have no end" 0 'Usage: toy neigh' 'neigh help'
batch "batch: nonsense ends it, and says where" 1 'batch:2$' \
	'route add 10.1.0.0/16 via 10.0.0.254\nroute add nonsense\nneigh help\n' -force
batch "batch: a quote without an end" 1 'quote' 'route add "10.1.0.0/16\n'
try "batch: no such file" 1 'No such file' "$fake" -batch "$tmp/nosuch"
try "batch: no file" 1 'wants a file' "$fake" -batch
try "batch: words behind it" 1 'not expected' "$fake" -batch "$tmp/batch" route
export FAKENL_ERRNO=17
batch "batch: a failure ends it" 2 'batch:1$' \
	'route add 10.1.0.0/16 via 10.0.0.254\nneigh help\n'
batch "batch: -force goes on" 0 'Usage: toy neigh' \
	'route add 10.1.0.0/16 via 10.0.0.254\nneigh help\n' -force
batch "batch: -force does not forget" 2 'batch:1$' \
	'route add 10.1.0.0/16 via 10.0.0.254\nroute show\n' -force
unset FAKENL_ERRNO
printf 'route add 10.%d.0.0/16 via 10.0.0.254\n' 1 2 3 >"$tmp/batch"
rm -f "$tmp/log"
FAKENL_LOG=$tmp/log "$fake" -b - <"$tmp/batch" >"$tmp/out" 2>"$tmp/err"
[ "$(grep -c '^cmd=7 ' "$tmp/log")" = 3 ]
result $? "batch: standard input, a request each"

# ---- Answers -----------------------------------------------------------------
export FAKENL_ERRNO=17
try "errno without explanation" 2 '^toy: File exists$' \
	"$fake" addr add 10.0.0.1/24 dev lo
FAKENL_TEXT="address is there already" \
	try "kernel's explanation" 2 '^Error: address is there already$' \
	"$fake" addr add 10.0.0.1/24 dev lo
try "error at the end of a dump" 2 '^toy: File exists$' "$fake" addr
json "JSON is whole after an error" '.[0] | length == 2' "$fake" -j addr
unset FAKENL_ERRNO
FAKENL_TEXT="AF_INET forwards here" \
	try "warning" 0 '^Warning: AF_INET forwards here$' \
	"$fake" dev attach lo
FAKENL=torn try "torn dump: a note" 0 'may be inconsistent' "$fake" addr
FAKENL=torn json "torn dump: all of it" '.[0] | length == 2' "$fake" -j addr

prints "addr show" "$(cat expected/addr)" "$fake" addr
prints "addr show dev" "$(head -n 1 expected/addr)" "$fake" addr show dev lo
prints "-6 addr" "$(tail -n 1 expected/addr)" "$fake" -6 addr
prints "route show" "$(cat expected/route)" "$fake" route
prints "neigh show" "$(cat expected/neigh)" "$fake" neigh
prints "maddr show" "$(cat expected/maddr)" "$fake" maddr
prints "ss -an" "$(cat expected/ss)" "$fake" ss -an
prints "ss -tie" "$(cat expected/ss-tie)" "$fake" ss -tnieHmo
# One transport, one state: no column for what is known.
prints "ss -Htn, one state" "0 128 127.0.0.1%lo:22 0.0.0.0:*" \
	"$fake" ss -Htn state listening
try "ss -Htn, half-open" 0 '^0 ' env FAKENL_SOCKS=tcp \
	"$fake" ss -Htn state syn-recv
try "ss -Htn, two states" 0 '^LISTEN 0 ' \
	"$fake" ss -Htn state listening state established
prints "ss -s" "$(cat expected/ss-s)" "$fake" ss -s
prints "ss -s: TCP" "$(cat expected/ss-s-tcp)" \
	env FAKENL_SOCKS=tcp "$fake" ss -s
prints "napi" "$(cat expected/napi)" "$fake" napi
prints "ra" "$(cat expected/ra)" "$fake" ra
prints "monitor" "$(cat expected/monitor)" "$fake" monitor
try "monitor ends with the module" 2 'was unloaded' "$fake" monitor
try "monitor all -t" 0 '^\[20.*\] \[ADDR\]Deleted 1: lo inet 10.0.0.1/24' \
	bash -c "$fake monitor all -t || true"
try "dev show: no control characters" 0 'we"ird?' "$fake" dev show
try "dev show: not attached" 1 'not attached' env FAKENL=empty "$fake" dev show lo

# ---- ss, and what it prints of the same sockets --------------------------------
# Blanks apart: ss fills the line, and begins a second one for nothing.
words() { tr -s ' \t' ' ' | sed 's/ $//; s/^ //' | grep .; }
like_ss() { # OPTIONS SED-SCRIPT-FOR-SS
	TCPDIAG_FILE=$tmp/feed ss -Ha"$1" 2>"$tmp/err" | sed "$2" | words >"$tmp/ss"
	FAKENL_SOCKS=tcp "$fake" ss -Ha"$1" 2>>"$tmp/err" | words >"$tmp/toy"
	diff "$tmp/ss" "$tmp/toy" >"$tmp/out" && [ -s "$tmp/ss" ]
	result $? "ss -$1 prints what ss prints"
}
if command -v ss >/dev/null; then
	"$bin/obj/ssfeed" >"$tmp/feed"
	# The file has the memory, asked for or not.
	for words in to tino tie tine; do
		like_ss $words 's/skmem:([^)]*)//'
	done
	for words in tim tinom tinoem timo; do
		like_ss $words ''
	done
fi
export FAKENL_SOCKS=tcp
json "-j ss -ti" '.[0][0].info | .retrans_total == 17 and .minrtt == 11.001 and .ecn' \
	"$fake" -j ss -tai
json "-j ss -ti: bbr" '.[0][2].info.bbr | .bw == 34360738368 and .cwnd_gain == 2' \
	"$fake" -j ss -tai
json "-j ss -to" '.[0][0].timer | .name == "on" and .expires_ms == 204' \
	"$fake" -j ss -tao
json "-j ss -s: TCP" '.[0].TCP | .total == 13 and .orphaned == 4 and .syn_recv == 1' \
	"$fake" -j ss -s
unset FAKENL_SOCKS

# ---- Filters -------------------------------------------------------------------
lines() { # NAME COUNT WORDS...
	local name=$1 count=$2
	shift 2
	"$fake" ss -Hna "$@" >"$tmp/out" 2>"$tmp/err"
	[ "$(wc -l <"$tmp/out")" = "$count" ]
	result $? "$name"
}
lines "all" 8
lines "sport = :53" 1 sport = :53
lines "'sport = :53'" 1 'sport = :53'
lines "dport eq domain" 1 dport eq domain
lines "dst" 2 dst 10.0.0.2
lines "dst with port" 1 dst 10.0.0.2:53
lines "dst prefix" 2 dst 10.0.0.0/24
lines "dst [IPv6]:port" 1 'dst [2001:db8::2]:51001'
lines "src *:port" 2 src '*:22'
lines "or" 2 '( dport = :53 or dport = :51000 )'
lines "and not" 1 src 10.0.0.1 and not dport = :53
lines "ports compare" 2 'dport >= :51000'
lines "state" 1 state time-wait
lines "states" 2 state time-wait state listening
lines "exclude" 7 exclude listening
lines "-t" 3 -t
lines "-w" 2 -w
lines "-4" 6 -4
lines "-6" 2 -6
export FAKENL_SOCKS=tcp
lines "every state" 16
lines "syn-recv" 1 state syn-recv
lines "time-wait" 1 state time-wait
lines "listening" 1 state listening
lines "listen" 1 state listen
lines "established" 5 state established
lines "connected" 14 state connected
lines "synchronized" 13 state synchronized
lines "bucket" 2 state bucket
lines "big" 14 state big
lines "close-wait, last-ack" 2 state close-wait state last-ack
lines "fin-wait-1, fin-wait-2" 2 state fin-wait-1 state fin-wait-2
lines "exclude established" 11 exclude established
lines "connected but" 12 state connected exclude bucket
lines "syn-sent" 1 state syn-sent
lines "closing" 2 state closing
prints "TCP: connected ones, without options" "12" bash -c "$fake ss -Ht | wc -l"
prints "TCP: listening ones" "2" bash -c "$fake ss -Htl | wc -l"
unset FAKENL_SOCKS
prints "-ul" "2" bash -c "$fake ss -Hul | wc -l"
prints "connected ones, without options" "2" bash -c "$fake ss -H | wc -l"

# ---- Counters --------------------------------------------------------------------
try "stat" 0 '^IpInReceives  *42$' "$fake" stat
prints "stat: no zeros" "2" bash -c "$fake stat | wc -l"
prints "stat -a: zeros" "3" bash -c "$fake stat -a | wc -l"
prints "stat: a pattern" "1" bash -c "$fake stat 'Udp*' | wc -l"
prints "stat: option behind the pattern" "2" \
	bash -c "$fake stat 'Ip*' -a | wc -l"
try "stat: a name prints zero" 0 '^IpInHdrErrors  *0$' \
	"$fake" stat IpInHdrErrors
try "stat: no such name" 1 'no counter "IpNothing"' "$fake" stat IpNothing
try "stat -v" 0 'frames that reached IPv4' "$fake" stat -v

# ---- Messages of DHCPv6 ------------------------------------------------------------
prints "DHCPv6: good and malformed answers" "" "$bin/obj/dhcp6-test"

# ---- JSON -------------------------------------------------------------------------
json "writer" "$(cat expected/fmt.jq)" "$bin/obj/fmt-test" json
prints "plain writer" "$(cat expected/fmt)" "$bin/obj/fmt-test"
json "-j addr" '.[0][0] | .local == "10.0.0.1" and .prefixlen == 24' \
	"$fake" -j addr
json "-j dev" '.[0][0] | .hook == "loopback" and (.flags | length) == 4' \
	"$fake" -j dev
json "-j route" '.[0] | length == 5 and .[0].gateway == "10.0.0.254"' \
	"$fake" -j route
json "-j route get" '.[0] | length == 1 and .[0].dst == "10.1.2.3"' \
	"$fake" -j route get 10.1.2.3
json "-j neigh" '.[0][0] | .state == ["REACHABLE"] and .used == 1.5' \
	"$fake" -j neigh
json "-j maddr" '.[0] | length == 2 and .[1].sources == ["10.0.0.7", "10.0.0.8"] and .[1].more == 1' \
	"$fake" -j maddr
json "-j ss" '.[0] | length == 8 and .[4].skmem.rb == 212992 and .[4].info.rto == 204' \
	"$fake" -j ss -aepimo
json "-j ss -s" '.[0].TCP | .total == 2 and .time_wait == 1' "$fake" -j ss -s
json "-j stat" '.[0] | map(.value) | length == 2' "$fake" -j stat
json "-j napi" '.[0][1].cpu == 11' "$fake" -j napi
json "-j ra" '.[0] | length == 4 and .[0].preference == "low" and .[3].name == "example.lan"' \
	"$fake" -j ra
json "-j monitor: an object a line" \
	'length == 6 and .[2].deleted and .[2].object == "addr"' \
	"$fake" -j monitor

# A socket of this shell, found again through /proc.
if exec 9<>/dev/udp/127.0.0.1/9; then
	inode=$(readlink /proc/$$/fd/9 | tr -dc 0-9)
	FAKENL_INODE=$inode json "processes of a socket" \
		"[.[0][] | .users // [] | .[] | select(.pid == $$ and .fd == 9)] | length > 0" \
		"$fake" -j ss -p
	FAKENL_INODE=$inode try "users:(...)" 0 \
		"users:((\"[^\"]*\",pid=$$,fd=9)" "$fake" ss -p
fi

# ---- Bad answers: no crash, and JSON stays JSON ---------------------------------------
all=(dev addr route "route get 10.0.0.1" "-s neigh" "-s maddr" "ss -aepimo" "ss -s"
     "stat -av" napi ra monitor)
for mode in empty short; do
	for words in "${all[@]}"; do
		# shellcheck disable=SC2086
		FAKENL=$mode json "$mode attributes: $words" 'length >= 0' \
			"$fake" -j $words
	done
done
for words in "${all[@]}"; do
	bad=0
	for seed in $(seq 40); do
		rc=0
		# shellcheck disable=SC2086
		FAKENL=noise FAKENL_SEED=$seed "$fake" -j $words \
			>"$tmp/out" 2>"$tmp/err" </dev/null || rc=$?
		if [ $rc -gt 2 ] || ! jq -s . "$tmp/out" >/dev/null 2>&1 ||
		   grep -q -e 'runtime error' -e Sanitizer "$tmp/err"; then
			bad=1
			break
		fi
	done
	result $bad "noise: $words"
done

echo "1..$total"
[ "$failed" = 0 ]
