# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What netfilter.sh and netfilter_ct.sh share: a host and a router under test with
# addresses of both IP versions, and services that say who asked. Source after
# lib.sh.

R() { ip netns exec R "$@"; }

# ---- Both IP versions ------------------------------------------------------------

# $V is the version that a case is about: 4 or 6.
V=4
at() { if [ $V = 4 ]; then echo "10.0.$1.$2"; else echo "fd00:$1::$2"; fi; }
proto() { if [ $V = 4 ]; then echo ip; else echo ipv6; fi; }

# How socat shows the same address.
shown() {
	if [ $V = 4 ]; then
		echo "10.0.$1.$2"
	else
		printf '[fd00:%04x:0000:0000:0000:0000:0000:%04x]\n' "$1" "$2"
	fi
}

# The namespaces that run the stack under test.
TESTED=B
tested() { [[ $TESTED == *$1* ]]; }

# address NS DEV NET HOST: of either version.
declare -A home=()
address() {
	local cmd=ip
	home[$1]="$3 $4"
	if tested "$1" && [ "$FAMILY" = toy ]; then
		cmd=toy
		attach "$1" "$2"
	else
		ip netns exec "$1" sh -c \
			"echo 0 >/proc/sys/net/ipv6/conf/$2/disable_ipv6"
	fi
	ip netns exec "$1" $cmd addr add "10.0.$3.$4/24" dev "$2"
	ip netns exec "$1" $cmd addr add "fd00:$3::$4/64" dev "$2" nodad
}

# A (Linux)                             B (under test)
# veth0 10.0.0.1, fd00:0::1 <-------> veth1 10.0.0.2, fd00:0::2
beside() {
	need socat
	need nc
	netns A B
	cable A veth0 B veth1
	address A veth0 0 1
	address B veth1 0 2
	V=6 eventually pings A 0 2
	V=4 eventually pings A 0 2
}

# A (Linux), inside     R (under test)              B (Linux), outside
# veth0 10.0.1.2 <--> r0 10.0.1.1  r1 10.0.2.1 <--> veth1 10.0.2.2
# and fd00:1::2 ... B knows no way to A but where a case adds it.
between() {
	need socat
	need nc
	TESTED=R
	netns A R B
	cable A veth0 R r0
	cable R r1 B veth1
	address A veth0 1 2
	address R r0 1 1
	address R r1 2 1
	address B veth1 2 2
	ip -n A route add default via 10.0.1.1
	ip -n A -6 route add default via fd00:1::1
	if [ "$FAMILY" = toy ]; then
		R sh -c 'echo 1 >/proc/sys/net/toy/ip_forward
			echo 1 >/proc/sys/net/toy/ip6_forwarding'
	else
		R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
			echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	fi
	for V in 6 4; do
		eventually pings A 1 1
		eventually pings B 2 1
	done
}

way_back() {
	ip -n B route add 10.0.1.0/24 via 10.0.2.1
	ip -n B -6 route add fd00:1::/64 via fd00:2::1
}

pings() {	# NS NET HOST [MORE]
	local ns=$1 to
	to=$(at "$2" "$3")
	shift 3
	ip netns exec "$ns" ping -c 1 -W 2 -q "$@" "$to" >/dev/null
}

# ---- Services, and those who ask them ----------------------------------------------

# run NS CMD...: on the stack under test, if that is NS's; as user $AS.
run() {
	local ns=$1
	shift
	[ -z "${AS:-}" ] || set -- setpriv --reuid "$AS" --clear-groups "$@"
	if tested "$ns" && [ "$FAMILY" = toy ]; then
		set -- toyrun "$@"
	fi
	ip netns exec "$ns" "$@"
}

listeners() {	# NS -t|-u PORT: how many there are
	if tested "$1" && [ "$FAMILY" = toy ]; then
		ip netns exec "$1" toy -n ss -Hln "$2" sport = ":$3"
	else
		ip netns exec "$1" ss -Hnl "$2" "sport = :$3"
	fi | wc -l
}
listens() { [ "$(listeners "$1" "$2" "$3")" -gt "${4:-0}" ]; }

# serve NS tcp|udp PORT: at its address of version $V, answers with the client's
# address and what it said.
serve() {
	local how=LISTEN addr n
	[ "$2" = tcp ] || how=RECVFROM
	# shellcheck disable=SC2086 # network and host
	addr=$(at ${home[$1]})
	[ $V = 4 ] || addr="[$addr]"
	n=$(listeners "$1" "-${2:0:1}" "$3")
	# shellcheck disable=SC2016 # for the shell of socat
	run "$1" socat "${2^^}$V-$how:$3,fork,reuseaddr,bind=$addr" \
		'SYSTEM:read x; echo $SOCAT_PEERADDR $x' >>"$tmp/serve" 2>&1 &
	eventually listens "$1" "-${2:0:1}" "$3" "$n"
}

# ask NS tcp|udp NET HOST PORT [OPTION]...: prints the answer. The options are
# those of nc for UDP, of socat for TCP.
ask() {
	local ns=$1 to port=$5
	to=$(at "$3" "$4")
	if [ "$2" = udp ]; then
		set -- nc -$V -u -W 1 -w 1 "${@:6}" "$to" "$port"
	else
		[ $V = 4 ] || to="[$to]"
		set -- socat -t 1 - "TCP$V:$to:$port,connect-timeout=0.5${6:+,$6}"
	fi
	echo hello | run "$ns" timeout 5 "$@" 2>>"$tmp/ask" || true
}

# answered NET HOST NS ...: NS asks, and is seen as that address.
answered() {
	local as
	as=$(shown "$1" "$2")
	shift 2
	is "$(ask "$@")" "$as hello"
}

unanswered() { is "$(ask "$@")" ''; }

# rules NS: nftables' script on stdin.
rules() { ip netns exec "$1" nft -f -; }

count() {	# NS COUNTER: packets
	ip netns exec "$1" nft -j list counter netdev t "$2" |
		jq '[.nftables[].counter.packets // empty][0]'
}
counts() { [ "$(count "$1" "$2")" -ge "$3" ]; }

# bulk_is_right FROM TO ADDR [ADDR PORT]: a stream that checks itself; IPv4. The
# sender knows the receiver by the latter, if need be.
bulk_is_right() {
	local sink port=7007

	[ "${5:-}" != 8080 ] || port=80
	ip netns exec "$2" tcp-bulk sink "$(family_of "$2")" "$3" "$port" 1 \
		>"$tmp/sink" 2>&1 &
	sink=$!
	eventually listens "$2" -t "$port"
	ip netns exec "$1" timeout 60 tcp-bulk send "$(family_of "$1")" \
		"${4:-$3}" "${5:-7007}" 3000000
	wait $sink || { cat "$tmp/sink"; return 1; }
}
family_of() { if tested "$1"; then echo "$FAMILY"; else echo inet; fi; }
