#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# State and NAT by tc's ct action, on a host and on a router under test. The
# recipes are those of Documentation/netfilter.rst.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/netfilter-lib.sh"

# ---- State ------------------------------------------------------------

# On device DEV of NS: answers to what went out, and new connections to port 80.
# Prios differ: one has one protocol.
stateful() {	# NS DEV
	local p n type

	ip netns exec "$1" tc qdisc add dev "$2" clsact
	in_() { ip netns exec "$ns" tc filter add dev "$dev" ingress "$@"; }
	ns=$1 dev=$2
	for type in 133 134 135 136 137; do
		in_ protocol ipv6 prio 1 flower ip_proto icmpv6 type $type action pass
	done
	for p in ip ipv6; do
		n=1; [ $p = ip ] || n=2
		ip netns exec "$1" tc filter add dev "$2" egress protocol $p prio $n \
			flower ip_flags nofrag action ct commit pass
		in_ protocol $p prio 1$n flower ct_state -trk action ct pipe action goto chain 1
		in_ protocol $p chain 1 prio 1$n flower ct_state +trk+est action pass
		in_ protocol $p chain 1 prio 2$n flower ct_state +trk+rel action pass
		in_ protocol $p chain 1 prio 3$n flower ct_state +trk+new ip_proto tcp dst_port 80 \
			action ct commit pass
		in_ protocol $p chain 1 prio 4$n flower action drop
	done
}

test_stateful_host() {
	beside
	stateful B veth1
	for V in 4 6; do
		serve A udp 7; serve A tcp 80
		serve B udp 7; serve B tcp 80; serve B tcp 81
		not pings A 0 2 -W 0.5
		unanswered A udp 0 2 7
		unanswered A tcp 0 2 81
		answered 0 1 A tcp 0 2 80
		answered 0 2 B udp 0 1 7
		answered 0 2 B tcp 0 1 80
		not pings A 0 2 -W 0.5
	done
	# An ICMP error belongs to what it is about.
	fails 'Connection refused' B toy-echo client "$FAMILY" 10.0.0.1 9 hello
	bulk_is_right B A 10.0.0.1
}

test_stateful_router() {
	between
	way_back
	stateful R r1
	for V in 4 6; do
		serve A udp 7; serve A tcp 80; serve A tcp 81
		serve B udp 7; serve B tcp 81
		pings A 2 2
		not pings B 1 2 -W 0.5
		answered 1 2 A udp 2 2 7
		answered 1 2 A tcp 2 2 81
		unanswered B udp 1 2 7
		unanswered B tcp 1 2 81
		answered 2 2 B tcp 1 2 80
	done
	fails 'Connection refused' A toy-echo client inet 10.0.2.2 9 hello
	has "$(A traceroute -n -w 2 -q 1 10.0.2.2)" '^ 1  10.0.1.1 ' '^ 2  10.0.2.2 '
	bulk_is_right A B 10.0.2.2
}

# ---- NAT --------------------------------------------------------------

# Everything from inside leaves as the router; its port 8080 is A's 80. Without
# "nat" on the way back nothing is translated back.
nat() {
	local p n

	R tc qdisc add dev r1 clsact
	for V in 4 6; do
		p=$(proto)
		R tc filter add dev r1 egress protocol $p prio 1$V flower \
			action ct commit nat src addr "$(at 2 1)" pass
		R tc filter add dev r1 ingress protocol $p prio 1$V flower \
			ip_proto tcp dst_ip "$(at 2 1)" dst_port 8080 \
			action ct commit nat dst addr "$(at 1 2)" port 80 pass
		R tc filter add dev r1 ingress protocol $p prio 2$V flower action ct nat pass
	done
}

test_nat_masquerade() {
	between
	nat
	for V in 4 6; do
		serve B udp 7; serve B tcp 80
		pings A 2 2
		answered 2 1 A udp 2 2 7
		answered 2 1 A tcp 2 2 80
		# The router's own goes on, and B may speak with the router.
		answered 2 1 R udp 2 2 7
		pings B 2 1
	done
	# Two clients with one port.
	A ip addr add 10.0.1.3/24 dev veth0
	V=4
	is "$(ask A udp 2 2 7 -s 10.0.1.2 -p 5000)" '10.0.2.1 hello'
	is "$(ask A udp 2 2 7 -s 10.0.1.3 -p 5000)" '10.0.2.1 hello'
	is "$(ask R udp 2 2 7 -s 10.0.2.1 -p 5000)" '10.0.2.1 hello'
}

test_nat_port_forwarding() {
	between
	nat
	for V in 4 6; do
		serve A tcp 80; serve A tcp 81
		answered 2 2 B tcp 2 1 8080
		unanswered B tcp 2 1 80
	done
	# On the way in the address is the router's: B has no way to 10.0.1.2.
	not pings B 1 2 -W 0.5
}

# Errors are about the translated packet; the client hears them about its own.
test_nat_icmp_errors() {
	between
	nat
	fails 'Connection refused' A toy-echo client inet 10.0.2.2 9 hello
	has "$(A traceroute -n -w 2 -q 1 10.0.2.2)" '^ 1  10.0.1.1 ' '^ 2  10.0.2.2 '
	has "$(A traceroute -6 -n -w 2 -q 1 fd00:2::2)" '^ 1  fd00:1::1 ' '^ 2  fd00:2::2 '
}

# Whole super-packets, checksums that the device fills in: and neither.
test_nat_bulk_is_right() {
	local off

	need ethtool
	between
	nat
	for off in on off; do
		for dev in r0 r1; do
			R ethtool -K $dev gro on >/dev/null
			R ethtool -K $dev tx $off tso $off gso $off sg $off >/dev/null
		done
		A ethtool -K veth0 tx $off tso $off gso $off >/dev/null
		B ethtool -K veth1 tx $off tso $off gso $off >/dev/null
		bulk_is_right A B 10.0.2.2
		bulk_is_right B A 10.0.1.2 10.0.2.1 8080
	done
}

# Fragments are put together by the action, and nobody takes the whole apart
# again: at egress it is too large for the device.
test_nat_loses_fragments() {
	between
	nat
	for V in 4 6; do
		pings A 2 2
		not pings A 2 2 -W 0.5 -s 4000
	done
}

# A host of its own: port 80 is a program's 8080, and it shows another address.
test_nat_on_a_host() {
	local p

	beside
	B tc qdisc add dev veth1 clsact
	A ip route add 10.0.9.9 via 10.0.0.2
	A ip -6 route add fd00:9::9 via fd00:0::2
	for V in 4 6; do
		p=$(proto)
		B tc filter add dev veth1 ingress protocol $p prio 1$V flower \
			ip_proto tcp dst_port 80 \
			action ct commit nat dst addr "$(at 0 2)" port 8080 pass
		B tc filter add dev veth1 ingress protocol $p prio 2$V flower action ct nat pass
		B tc filter add dev veth1 egress protocol $p prio 1$V flower \
			ip_proto udp action ct commit nat src addr "$(at 9 9)" pass
		B tc filter add dev veth1 egress protocol $p prio 2$V flower action ct nat pass
		serve B tcp 8080; serve A udp 7
		answered 0 1 A tcp 0 2 80
		answered 9 9 B udp 0 1 7
	done
	bulk_is_right B A 10.0.0.1
}

run_cases "$@"
