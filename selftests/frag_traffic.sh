#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs whose packets do not fit.

. "$(dirname "$0")/lib.sh"

small() {	# MTU
	ip -n A link set veth0 mtu "$1"
	ip -n B link set veth1 mtu "$1"
}

# Linux's ping checks that every byte comes back.
test_ping_sizes() {
	local size
	pair
	small 1280
	for size in 0 1 1244 1252 1253 1260 2500 2508 9000 65506 65507; do
		A ping -c 1 -W 5 -q -s "$size" 10.0.0.2 >/dev/null || {
			echo "size $size"
			return 1
		}
	done
}

test_ping_sizes_mtu_1500() {
	local size
	pair
	for size in 1472 1473 1480 1481 2952 2953 65507; do
		A ping -c 1 -W 5 -q -s "$size" 10.0.0.2 >/dev/null || {
			echo "size $size"
			return 1
		}
	done
}

six() {
	ip netns exec A sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6'
	[ "$FAMILY" = toy ] ||
		ip netns exec B sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth1/disable_ipv6'
	ip -n A addr add fd00::1/64 dev veth0 nodad
	B $S addr add fd00::2/64 dev veth1 nodad
	eventually A ping -6 -c 1 -W 1 -q fd00::2
}

# The same with IPv6, up to what its length field can say.
test_ping6_sizes() {
	local size
	pair
	small 1280
	six
	for size in 0 1 7 8 1231 1232 1233 1240 2464 2465 9000 65526 65527; do
		A ping -6 -c 1 -W 5 -q -s "$size" fd00::2 >/dev/null || {
			echo "size $size"
			return 1
		}
	done
}

# Don't fragment, says ping: then nobody does.
test_ping_df() {
	pair
	A ping -c 1 -W 5 -q -M do -s 1472 10.0.0.2 >/dev/null
	small 1280
	A ping -c 1 -W 5 -q -M do -s 1252 10.0.0.2 >/dev/null
}

# Fragments overtake each other and come twice; nothing is lost.
test_reordered_and_doubled() {
	pair
	ip netns exec A tc qdisc add dev veth0 root netem delay 2ms 2ms duplicate 20% limit 10000
	ip netns exec B tc qdisc add dev veth1 root netem delay 2ms 2ms duplicate 20% limit 10000
	A ping -c 50 -i 0.02 -W 5 -q -s 20000 10.0.0.2 | tee "$tmp/out"
	has "$(cat "$tmp/out")" ' 0% packet loss'
	[ "$FAMILY" = inet ] || {
		[ "$(stat_of B DropFragDuplicate)" -gt 0 ]
		is "$(stat_of B IpReasmFails)" 0
	}
}

# A datagram with a fragment missing is lost, and only that.
test_lossy() {
	pair
	ip netns exec A tc qdisc add dev veth0 root netem loss 5%
	A ping -c 60 -i 0.01 -W 1 -q -s 6000 10.0.0.2 | tee "$tmp/out" || true
	has "$(cat "$tmp/out")" ' [1-9][0-9]? received'
	ip netns exec A tc qdisc del dev veth0 root
	A ping -c 1 -W 5 -q -s 65507 10.0.0.2 >/dev/null
}

# Between two of the kind.
test_twins() {
	twins
	small 1280
	echo_server B "$FAMILY" 10.0.0.2 7
	has "$(A toy-echo client "$FAMILY" 10.0.0.2 7 -S 2400..2600)" '201 echoed, 0 bad'
	[ "$FAMILY" = inet ] || [ "$(stat_of A IpReasmOKs)" -ge 200 ]
}

run_cases "$@"
