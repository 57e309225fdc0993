#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The stack under test as a router of IPv6, between hosts that run Linux's own;
# what it says of itself to its neighbours. IPv4: forward.sh.

. "$(dirname "$0")/lib.sh"

R() { ip netns exec R "$@"; }
Q() { ip netns exec Q "$@"; }

# On one device alone, or AF_INET6 would answer beside AF_TOY.
inet6() { ip netns exec "$1" sh -c "echo 0 >/proc/sys/net/ipv6/conf/$2/disable_ipv6"; }

forwarding() {	# NS [0|1]
	if [ "$FAMILY" = toy ]; then
		ip netns exec "$1" sh -c "echo ${2:-1} >/proc/sys/net/toy/ip6_forwarding"
	else
		ip netns exec "$1" sh -c "echo ${2:-1} >/proc/sys/net/ipv6/conf/all/forwarding"
	fi
}

linux_host6() {	# NS DEV ADDR
	inet6 "$1" "$2"
	ip -n "$1" link set "$2" up
	ip -n "$1" addr add "$3" dev "$2" nodad
}

host6() {	# NS DEV ADDR...
	local ns=$1 dev=$2 a
	shift 2
	[ "$FAMILY" = toy ] || inet6 "$ns" "$dev"
	attach "$ns" "$dev"
	for a; do ip netns exec "$ns" $S addr add "$a" dev "$dev" nodad; done
}

# A (Linux)             R (under test)              B (Linux)
# veth0 fd00:1::2 <--> r0 fd00:1::1  r1 fd00:2::1 <--> veth1 fd00:2::2
routed() {
	netns A R B
	cable A veth0 R r0
	cable R r1 B veth1
	linux_host6 A veth0 fd00:1::2/64
	linux_host6 B veth1 fd00:2::2/64
	host6 R r0 fd00:1::1/64 fe80::1/64
	host6 R r1 fd00:2::1/64 fe80::1/64
	ip -n A -6 route add default via fd00:1::1
	ip -n B -6 route add default via fd00:2::1
	forwarding R "${1:-1}"
	eventually A ping -6 -c 1 -W 1 -q fd00:1::1
	eventually B ping -6 -c 1 -W 1 -q fd00:2::1
}

# Two routers, and less room in the middle:
#
# A (Linux)        R (under test)     mtu 1300    Q (under test)       B (Linux)
# veth0 fd00:1::2 - r0 fd00:1::1  r1 fd00:3::1 - q1 fd00:3::2  q0 fd00:2::1 - veth1 fd00:2::2
narrow() {
	netns A R Q B
	cable A veth0 R r0
	cable R r1 Q q1
	cable Q q0 B veth1
	ip -n R link set r1 mtu 1300
	ip -n Q link set q1 mtu 1300
	linux_host6 A veth0 fd00:1::2/64
	linux_host6 B veth1 fd00:2::2/64
	host6 R r0 fd00:1::1/64
	host6 R r1 fd00:3::1/64
	host6 Q q1 fd00:3::2/64
	host6 Q q0 fd00:2::1/64
	R $S route add fd00:2::/64 via fd00:3::2 dev r1
	Q $S route add fd00:1::/64 via fd00:3::1 dev q1
	ip -n A -6 route add default via fd00:1::1
	ip -n B -6 route add default via fd00:2::1
	forwarding R
	forwarding Q
	eventually there
}

there() { A ping -6 -c 1 -W 3 -q "${1:-fd00:2::2}" >/dev/null; }

# ---- One hop ---------------------------------------------------------------------

test_off_by_default() {
	toy_only
	routed 0
	not A ping -6 -c 2 -i 0.05 -W 1 -q fd00:2::2
	is "$(stat_of R Ip6ForwDatagrams)" 0
	forwarding R
	eventually there
	[ "$(stat_of R Ip6ForwDatagrams)" -ge 2 ]
}

test_ping_both_ways() {
	routed
	eventually there
	has "$(A ping -6 -c 3 -i 0.01 -W 5 fd00:2::2)" '3 received' 'ttl=63'
	has "$(B ping -6 -c 3 -i 0.01 -W 5 fd00:1::2)" '3 received' 'ttl=63'
	# The router itself is a host still.
	there fd00:1::1
	there fd00:2::1
}

test_ping_sizes() {
	local size
	routed
	eventually there
	for size in 0 1 17 64 255 1000 1451 1452 1453 9000; do
		A ping -6 -c 1 -W 5 -q -s $size fd00:2::2 >/dev/null ||
			{ echo "lost at $size"; return 1; }
	done
}

test_hop_limit_is_used_up() {
	routed
	has "$(A ping -6 -t 1 -c 1 -W 3 fd00:2::2 || true)" \
		'From fd00:1::1 .*Time exceeded: Hop limit'
	has "$(A ping -6 -t 2 -c 1 -W 3 fd00:2::2)" '1 received'
}

test_no_route() {
	routed
	has "$(A ping -6 -c 1 -W 3 2001:db8::1 || true)" \
		'From fd00:1::1 .*(No route|Unreachable)'
}

test_refusals() {
	routed
	R $S route add unreachable fd00:9:1::/48
	R $S route add prohibit fd00:9:2::/48
	R $S route add blackhole fd00:9:3::/48
	has "$(A ping -6 -c 1 -W 3 fd00:9:1::1 || true)" 'From fd00:1::1 .*(No route|unreachable)'
	has "$(A ping -6 -c 1 -W 3 fd00:9:2::1 || true)" 'From fd00:1::1 .*(prohibited|Destination)'
	not grep -q From <<<"$(A ping -6 -c 1 -W 1 fd00:9:3::1 || true)"
}

test_silent_neighbour() {
	routed
	has "$(A ping -6 -c 4 -i 0.5 -W 5 fd00:2::77 || true)" \
		'From fd00:1::1 .*Address unreachable'
}

test_link_local_stays() {
	routed
	ip -n A -6 route add fe80::77/128 via fd00:1::1 dev veth0 2>/dev/null || true
	ip -n B addr add fe80::77/64 dev veth1 nodad
	not A ping -6 -c 1 -W 1 -q -I fd00:1::2 fe80::77%veth0
}

test_traceroute() {
	need traceroute
	routed
	eventually there
	has "$(A traceroute -6 -n -w 3 -q 1 fd00:2::2)" '^ 1  fd00:1::1 ' '^ 2  fd00:2::2 '
	has "$(B traceroute -6 -I -n -w 3 -q 1 fd00:1::2)" '^ 1  fd00:2::1 ' '^ 2  fd00:1::2 '
	has "$(A traceroute -6 -T -n -w 3 -q 1 fd00:2::2)" '^ 1  fd00:1::1 ' '^ 2  fd00:2::2 '
}

# ---- A router to its neighbours ------------------------------------------------------

# What A's table says of R. It asks anew each time.
is_router() {
	ip -n A neigh flush dev veth0
	there fd00:1::1 || return 1
	ip -n A -6 neigh show fd00:1::1 dev veth0 | grep -q router
}
is_host() {
	ip -n A neigh flush dev veth0
	there fd00:1::1 || return 1
	! ip -n A -6 neigh show fd00:1::1 dev veth0 | grep -q router
}

test_router_flag_follows_forwarding() {
	routed 0
	eventually is_host
	forwarding R
	eventually is_router
	forwarding R 0
	eventually is_host
}

# The group that hosts ask for routers in.
hears_routers() {
	if [ "$FAMILY" = toy ]; then
		R toy -j maddr | jq -e '[.[] | select(.group == "ff02::2")] | length == 2' >/dev/null
	else
		[ "$(R ip -6 maddr show | grep -cw 'ff02::2')" -ge 2 ]
	fi
}
hears_none() { ! hears_routers; }

test_router_is_in_the_groups_of_routers() {
	routed 0
	hears_none
	forwarding R
	eventually hears_routers
	forwarding R 0
	eventually hears_none
}

# An advertisement, of a router and a prefix, from A.
advertise() {
	A icmp6-send veth0 33:33:00:00:00:01 fe80::a ff02::1 255 \
		"86000000 40000708 00000000 00000000 030440c0 00000e10 00000e10 00000000 fd00 0007 00000000 0000000000000000"
}
default_by_ra() {
	R $S -j -6 route show | jq -e '[.[] | select(.dst == "default")] | length == 1' >/dev/null
}
no_default() { ! default_by_ra; }

test_router_believes_no_other() {
	routed 0
	[ "$FAMILY" = toy ] || R sh -c 'echo 1 >/proc/sys/net/ipv6/conf/r0/accept_ra'
	advertise
	eventually default_by_ra
	forwarding R
	eventually no_default
	advertise
	stays no_default
	forwarding R 0
	advertise
	eventually default_by_ra
}

# By another router, says R's gateway. A host would listen (pmtu.sh).
test_router_follows_no_redirect() {
	local n=0

	toy_only
	routed
	ip -n A addr add fe80::a/64 dev veth0 nodad
	R toy route add fd00:9::/64 via fe80::a dev r0
	redirect() {
		A icmp6-send veth0 "$(mac_of R r0)" fe80::a fd00:1::1 255 \
			"89000000 00000000 fe800000000000000000000000000099 fd000009000000000000000000000001"
	}
	n=$(stat_of R DropNdIgnored)
	redirect
	eventually counted R DropNdIgnored "$n"
	is "$(R toy -j route get fd00:9::1 | jq -r '.[0].gateway')" fe80::a
	forwarding R 0
	redirect
	redirected() { is "$(R toy -j route get fd00:9::1 | jq -r '.[0].gateway')" fe80::99; }
	eventually redirected
}

# ---- Less room in the middle -------------------------------------------------------

test_too_big_is_told() {
	narrow
	has "$(A ping -6 -c 2 -i 0.2 -W 3 -M do -s 1400 fd00:2::2 2>&1 || true)" \
		'(Packet too big: mtu=1300|mtu: 1300|message too long)'
	has "$(A ip -6 route get fd00:2::2)" 'mtu 1300'
	has "$(A ping -6 -c 1 -W 3 -M do -s 1252 fd00:2::2)" '1 received'
	# The other way it is Q that says so.
	eventually B ping -6 -c 1 -W 3 -q -s 1400 fd00:1::2
	has "$(B ip -6 route get fd00:1::2)" 'mtu 1300'
}

test_traceroute_mtu() {
	need traceroute
	narrow
	has "$(A traceroute -6 -n --mtu -w 3 -q 1 fd00:2::2)" 'fd00:1::1' 'fd00:3::2' \
		'fd00:2::2' 'F=1300'
	has "$(B traceroute -6 -n -w 3 -q 1 fd00:1::2)" '^ 1  fd00:2::1' '^ 2  fd00:3::1' \
		'^ 3  fd00:1::2'
}

# run_iperf FROM TO ADDR [MORE]: what was carried, in bits a second.
run_iperf() {
	local from=$1 to=$2 addr=$3
	shift 3
	ip netns exec "$to" iperf3 -s -1 -B "$addr" >/dev/null 2>&1 &
	eventually sh -c "ip netns exec $to ss -Hntl 'sport = :5201' | grep -q ."
	ip netns exec "$from" timeout 60 iperf3 -6 -c "$addr" -t 2 -J "$@" |
		jq '.end.sum_received.bits_per_second // .end.sum.bits_per_second'
}

carried() {	# BITS-PER-SECOND
	awk -v b="$1" 'BEGIN { exit !(b > 1000000) }' || { echo "$1 bit/s"; return 1; }
}

test_iperf3_both_ways() {
	need iperf3
	narrow
	carried "$(run_iperf A B fd00:2::2)"
	carried "$(run_iperf B A fd00:1::2)"
	carried "$(run_iperf A B fd00:2::2 -R)"
}

test_iperf3_offloads_off() {
	need iperf3
	need ethtool
	narrow
	A ethtool -K veth0 tso off gso off >/dev/null
	R ethtool -K r0 gro on >/dev/null
	R ethtool -K r1 tso off gso off >/dev/null
	carried "$(run_iperf A B fd00:2::2)"
	carried "$(run_iperf B A fd00:1::2)"
}

# Large datagrams are the hosts' to cut: each size comes, once the MTU is known.
test_fragments_pass() {
	local size

	narrow
	for size in 1252 1253 2000 9000 65000; do
		eventually A ping -6 -c 1 -W 3 -q -s $size fd00:2::2
	done
}

run_cases "$@"
