#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Neighbour discovery (RFC 4861): resolution, unreachability, what others may
# change; ICMPv6 echo; duplicate addresses (RFC 4862 5.4), link-local addresses.
#
#	A (AF_INET6)                            B (family under test)
#	veth0 fd00::1/64  <--------------->  veth1 fd00::2/64
#
# AF_INET6 is off in B unless it is the family under test.

. "$(dirname "$0")/lib.sh"

ipv6() { ip netns exec "$1" sh -c "echo $((1 - $2)) >/proc/sys/net/ipv6/conf/$3/disable_ipv6"; }

# knob NAME VALUE: of B
knob() { B sh -c "echo $2 >/proc/sys/net/toy/$1"; }
# nknob NAME VALUE: net.toy.neigh_NAME of B, or the control's name for it
nknob() {
	local path=/proc/sys/net/toy/neigh_$1

	[ "$FAMILY" = toy ] || path=/proc/sys/net/ipv6/neigh/veth1/${1/reachable_ms/reachable_time_ms}
	path=${path/neigh\/veth1\/retrans_ms/neigh\/veth1\/retrans_time_ms}
	B sh -c "echo $2 >$path"
}

cable6() {
	netns A B
	ipv6 A 1 default
	cable A veth0 B veth1
	ipv6 A 1 veth0
	ip -n A addr add fd00::1/64 dev veth0 nodad
	[ "$FAMILY" = toy ] || ipv6 B 1 veth1
	[ "$FAMILY" != toy ] || B sh -c 'echo 2 >/proc/sys/net/toy/addr_gen_mode'
}

pair6() {
	cable6
	host B veth1 fd00::2/64
	eventually proven fd00::2
}

addr_flag() {	# ADDR FLAG
	B $S -j addr show dev veth1 | jq -e --arg a "$1" --arg f "$2" \
		'[.[] | (.addr_info? // [.])[] | select(.local == $a and .[$f] == true)] | length > 0' >/dev/null
}
has_addr() {
	B $S -j addr show dev veth1 | jq -e --arg a "$1" \
		'[.[] | (.addr_info? // [.])[] | select(.local == $a)] | length > 0' >/dev/null
}
proven() { has_addr "$1" && not_flagged "$1"; }
not_flagged() { ! addr_flag "$1" tentative && ! addr_flag "$1" optimistic && ! addr_flag "$1" duplicate && ! addr_flag "$1" dadfailed; }
lost() { addr_flag "$1" duplicate || addr_flag "$1" dadfailed; }

linklocal() {
	B $S -j addr show dev veth1 |
		jq -r '[.[] | (.addr_info? // [.])[] | .local // empty | select(startswith("fe80"))][0] // "none"'
}
has_linklocal() { [ "$(linklocal)" != none ]; }

# shellcheck disable=SC2120 # some say whom
reaches6() { A ping -6 -c 1 -W 2 -q "${1:-fd00::2}" >/dev/null; }
touch6() { B spray "$FAMILY" "$1" 1; }

test_ping() {
	pair6
	eventually reaches6
	is "$(neigh_lladdr B fd00::1)" "$(mac_of A veth0)"
}

test_ping_sizes() {
	local size
	pair6
	eventually reaches6
	for size in 0 1 7 8 56 100 511 1000 1232 1233 1400 1451 1452; do
		A ping -6 -c 1 -W 2 -q -s $size fd00::2 >/dev/null
	done
}

# The first request comes while the address is still probed.
test_usable_at_once() {
	toy_only
	cable6
	host B veth1 fd00::2/64
	reaches6
	eventually proven fd00::2
}

# So does the first that goes out, however long the probing takes.
test_first_question_waits_for_the_address() {
	toy_only
	cable6
	B sh -c 'echo 5 >/proc/sys/net/toy/dad_transmits'
	host B veth1 fd00::2/64
	touch6 fd00::1
	eventually proven fd00::2
	eventually neigh_in B fd00::1 REACHABLE DELAY STALE PROBE
	is "$(stat_of B NeighResFailed)" 0
}

test_resolution() {
	pair6
	touch6 fd00::1
	eventually neigh_in B fd00::1 REACHABLE DELAY STALE PROBE
	is "$(neigh_lladdr B fd00::1)" "$(mac_of A veth0)"
}

test_failure() {
	pair6
	nknob retrans_ms 50
	touch6 fd00::77
	eventually neigh_is B fd00::77 FAILED
	ip -n A addr add fd00::77/64 dev veth0 nodad
	touch6 fd00::77
	eventually neigh_in B fd00::77 REACHABLE DELAY STALE
}

test_stale_is_probed_when_used() {
	pair6
	[ "$FAMILY" = inet ] || nknob delay_probe_ms 500
	B $S neigh replace fd00::1 lladdr "$(mac_of A veth0)" dev veth1 nud stale
	A ip neigh replace fd00::2 lladdr "$(mac_of B veth1)" dev veth0 nud permanent
	is "$(neigh_state B fd00::1)" STALE
	touch6 fd00::1
	eventually neigh_is B fd00::1 REACHABLE
}

test_probes_without_an_answer() {
	toy_only
	pair6
	nknob delay_probe_ms 100
	nknob retrans_ms 50
	B toy neigh replace fd00::88 lladdr 02:00:00:00:0e:11 dev veth1 nud stale
	touch6 fd00::88
	eventually neigh_is B fd00::88 FAILED
}

test_permanent() {
	pair6
	B $S neigh add fd00::9 lladdr 02:00:00:00:00:09 dev veth1
	is "$(neigh_state B fd00::9)" PERMANENT
	B $S neigh flush dev veth1
	is "$(neigh_state B fd00::9)" PERMANENT
	B $S neigh del fd00::9 dev veth1
	fails 'No such file|Error' B $S neigh del fd00::9 dev veth1
}

# 7.2.6: who changes his card tells the link.
test_own_mac_changes() {
	toy_only	# AF_INET6 tells nobody, unless ndisc_notify says so
	pair6
	eventually reaches6
	ip -n B link set veth1 address 02:00:00:00:00:bb
	eventually reaches6
	is "$(A ip -j neigh show fd00::2 | jq -r '.[0].lladdr')" 02:00:00:00:00:bb
}

evil=02:00:00:00:0e:11
mac() { tr -d : <<<"$1"; }
# na FLAGS TARGET-HEX MAC: an advertisement from A's side
na() {
	A icmp6-send veth0 "$(mac_of B veth1)" fd00::1 fd00::2 "${4:-255}" \
		"88000000 ${1}000000 $2 0201$(mac "$3")"
}
fd1=fd000000000000000000000000000001
fd50=fd000000000000000000000000000050

# 7.2.5: without the override flag a known address stays, but becomes doubtful;
# with it, it goes.
test_override() {
	toy_only
	pair6
	B toy neigh replace fd00::1 lladdr "$(mac_of A veth0)" dev veth1 nud reachable
	na 00 $fd1 $evil
	eventually neigh_is B fd00::1 STALE
	is "$(neigh_lladdr B fd00::1)" "$(mac_of A veth0)"
	na 20 $fd1 $evil
	neigh_has() { [ "$(neigh_lladdr B fd00::1)" = $evil ]; }
	eventually neigh_has
	is "$(neigh_state B fd00::1)" STALE
}

# Nobody asked: no entry is made.
test_unsolicited_makes_nothing() {
	pair6
	eventually reaches6
	na 60 $fd50 $evil
	na 20 $fd50 $evil
	reaches6
	is "$(neigh_state B fd00::50)" none
}

# From behind a router: the hop limit tells.
test_hop_limit() {
	toy_only
	local before
	pair6
	eventually reaches6
	before=$(stat_of B DropNdHopLimit)
	na 60 $fd1 $evil 254
	na 60 $fd1 $evil 64
	eventually counted B DropNdHopLimit "$((before + 1))"
	is "$(neigh_lladdr B fd00::1)" "$(mac_of A veth0)"
}

test_malformed() {
	toy_only
	local m
	pair6
	# an option of length 0, one beyond the end, a group as target
	A icmp6-send veth0 "$(mac_of B veth1)" fd00::1 fd00::2 255 "87000000 00000000 $fd1 0100000000000000"
	eventually counted B DropNdOptionZero 0
	A icmp6-send veth0 "$(mac_of B veth1)" fd00::1 fd00::2 255 "87000000 00000000 $fd1 0104000000000000"
	eventually counted B DropNdOptionLen 0
	A icmp6-send veth0 "$(mac_of B veth1)" fd00::1 fd00::2 255 "87000000 00000000 ff020000000000000000000000000001"
	eventually counted B DropNdTarget 0
	A icmp6-send veth0 33:33:ff:00:00:02 :: ff02::1:ff00:2 255 \
		"87000000 00000000 fd000000000000000000000000000002 0101$(mac $evil)"
	eventually counted B DropNdSourceOption 0
	A icmp6-send veth0 33:33:00:00:00:01 fd00::1 ff02::1 255 "88000000 60000000 $fd1"
	eventually counted B DropNdSolicited 0
	A icmp6-send veth0 "$(mac_of B veth1)" fd00::1 fd00::2 255 "8700"
	eventually counted B DropIcmp6Short 0
	reaches6
}

# RFC 4862 5.4: another host has it.
test_duplicate() {
	cable6
	ip -n A addr add fd00::66/64 dev veth0 nodad
	host B veth1 fd00::66/64
	eventually lost fd00::66
	fails . B ping -6 -c 1 -W 1 -I fd00::66 fd00::1
}

# We have it: another host must not take it.
test_defended() {
	pair6
	ip -n A addr add fd00::2/64 dev veth0
	a_lost() { A ip -j addr show dev veth0 | jq -e '[.[].addr_info[] | select(.local == "fd00::2" and .dadfailed == true)] | length == 1' >/dev/null; }
	eventually a_lost
	proven fd00::2
}

# RFC 7527: our own probe, come back, is no conflict.
test_nodad() {
	cable6
	ip -n A addr add fd00::66/64 dev veth0 nodad
	attach B veth1
	B $S addr add fd00::66/64 dev veth1 nodad
	proven fd00::66
	stays proven fd00::66
}

test_linklocal() {
	cable6
	attach B veth1
	eventually has_linklocal
	eventually proven "$(linklocal)"
	eventually reaches6 "$(linklocal)%veth0"
}

# RFC 7217: nobody guesses it from the card, and it is the same again.
test_linklocal_is_stable() {
	toy_only
	local first
	cable6
	attach B veth1
	eventually has_linklocal
	first=$(linklocal)
	not grep -q ff:fe <<<"$first"
	B toy dev detach veth1
	B toy dev attach veth1
	eventually has_linklocal
	is "$(linklocal)" "$first"
}

test_linklocal_eui64() {
	toy_only
	cable6
	knob addr_gen_mode 0
	ip -n B link set veth1 address 02:00:00:00:12:34
	attach B veth1
	eventually has_linklocal
	is "$(linklocal)" fe80::ff:fe00:1234
}

# Where AF_INET6 lives on the same card its own address is not ours.
test_linklocal_beside_inet6() {
	toy_only
	cable6
	ipv6 B 1 default
	ipv6 B 1 veth1
	knob addr_gen_mode 0
	attach B veth1
	eventually has_linklocal
	not grep -q 'ff:fe' <<<"$(linklocal)"
}

# A whole network of strangers asks: the table is bounded, a friend is served.
test_flood() {
	toy_only
	pair6
	knob neigh_gc_thresh 64
	A icmp6-send -n 3000 -s veth0 "$(mac_of B veth1)" fd00::4:0 fd00::2 255 \
		"87000000 00000000 fd000000000000000000000000000002 0101 02000000NNNN"
	eventually reaches6
	[ "$(B toy -j neigh | jq length)" -le 65 ]
}

run_cases "$@"
