#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Traffic between Linux's stack and the one under test, both ways, all sizes.

. "$(dirname "$0")/lib.sh"

ping_sizes() {	# NS ADDR
	local size

	for size in 0 1 2 3 7 8 9 15 16 17 18 19 63 64 65 127 128 $(seq 200 97 1472) 1471 1472; do
		ip netns exec "$1" ping -c 1 -W 5 -q -s "$size" "$2" >/dev/null ||
			{ echo "lost at $size bytes"; return 1; }
	done
}

test_ping() {
	pair
	has "$(A ping -c 3 -i 0.01 -W 5 10.0.0.2)" '3 received' 'ttl=64'
}

test_ping_all_sizes() {
	pair
	ping_sizes A 10.0.0.2
}

# The pattern comes back unaltered: ping compares.
test_ping_largest() {
	local out

	pair
	out=$(A ping -c 5 -i 0.01 -W 5 -M do -s 1472 -p a55a 10.0.0.2)
	has "$out" '5 received'
	not grep -q 'wrong data' <<<"$out"
}

test_ping_flood_loses_nothing() {
	pair
	reaches
	has "$(A ping -f -q -c 10000 10.0.0.2)" '10000 received, 0% packet loss'
}

test_ping_own_addresses() {
	inet_only	# ping(8) has no AF_TOY; ping_api has this case
	pair
	B ping -c 1 -q 10.0.0.2 >/dev/null
	B ping -c 1 -q 127.0.0.1 >/dev/null
}

# TTL 1 is enough for a neighbour.
test_ping_ttl_1() {
	pair
	has "$(A ping -t 1 -c 1 -W 5 10.0.0.2)" '1 received'
}

# Nobody answers a ping to the broadcast address unless told to.
test_no_broadcast_echo() {
	pair
	reaches
	has "$(A ping -b -c 2 -i 0.05 -W 1 10.0.0.255 2>&1 || true)" ' 0 received'
}

test_unknown_address_is_not_answered() {
	pair
	reaches
	A ip neigh replace 10.0.0.3 lladdr "$(mac_of B veth1)" dev veth0
	has "$(A ping -c 2 -i 0.05 -W 1 10.0.0.3 || true)" ' 0 received'
}

test_udp_echo_linux_to_test() {
	pair
	echo_server B "$FAMILY" 10.0.0.2 7
	is "$(A toy-echo client inet 10.0.0.2 7 hello)" '10.0.0.2:7 -> 5 bytes: hello'
	has "$(cat "$tmp/server.B")" '^10\.0\.0\.1:[0-9]+ -> 5 bytes: hello$'
	has "$(A toy-echo client inet 10.0.0.2 7 -S 0..1472)" '1473 echoed, 0 bad'
}

test_udp_echo_test_to_linux() {
	pair
	echo_server A inet 10.0.0.1 7
	is "$(B toy-echo client "$FAMILY" 10.0.0.1 7 hello)" '10.0.0.1:7 -> 5 bytes: hello'
	has "$(cat "$tmp/server.A")" '^10\.0\.0\.2:[0-9]+ -> 5 bytes: hello$'
	has "$(B toy-echo client "$FAMILY" 10.0.0.1 7 -S 0..1472)" '1473 echoed, 0 bad'
}

test_udp_echo_test_to_test() {
	twins
	echo_server A "$FAMILY" 10.0.0.1 7
	has "$(B toy-echo client "$FAMILY" 10.0.0.1 7 -S 0..1472)" '1473 echoed, 0 bad'
	echo_server B "$FAMILY" 10.0.0.2 7
	has "$(A toy-echo client "$FAMILY" 10.0.0.2 7 -S 0..1472)" '1473 echoed, 0 bad'
}

test_udp_echo_inside_one_host() {
	pair
	echo_server B "$FAMILY" 127.0.0.1 7
	has "$(B toy-echo client "$FAMILY" 127.0.0.1 7 -S 0..1472)" '1473 echoed, 0 bad'
	echo_server B "$FAMILY" 10.0.0.2 8
	has "$(B toy-echo client "$FAMILY" 10.0.0.2 8 -S 0..1472)" '1473 echoed, 0 bad'
}

# Both stacks on one device, each with an address of its own:
#
#	A (AF_INET)                     B
#	veth0 10.0.0.1/24  <------->  veth1 10.0.0.2/24 (under test)
#	                                    10.0.0.3/24 (AF_INET)
test_both_stacks_on_one_device() {
	pair
	ip -n B addr add 10.0.0.3/24 dev veth1
	reaches 10.0.0.2
	reaches 10.0.0.3
	echo_server B "$FAMILY" 10.0.0.2 7
	echo_server B inet 10.0.0.3 7
	has "$(A toy-echo client inet 10.0.0.2 7 one)" '3 bytes: one'
	has "$(A toy-echo client inet 10.0.0.3 7 two)" '3 bytes: two'
	has "$(cat "$tmp/server.B")" 'bytes: two'
}

# Through a router that is Linux:
#
#	A (under test)      R (Linux, forwards)       B (under test)
#	veth0 10.0.1.2 <--> r0 10.0.1.1  r1 10.0.2.1 <--> veth1 10.0.2.2
through_router() {
	netns A R B
	cable A veth0 R r0
	cable B veth1 R r1
	linux_host R r0 10.0.1.1/24
	linux_host R r1 10.0.2.1/24
	ip netns exec R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	host A veth0 10.0.1.2/24
	host B veth1 10.0.2.2/24
	A $S route add default via 10.0.1.1
	B $S route add 10.0.1.0/24 via 10.0.2.1 dev veth1
}

test_udp_echo_through_a_router() {
	through_router
	echo_server B "$FAMILY" 10.0.2.2 7
	has "$(A toy-echo client "$FAMILY" 10.0.2.2 7 -S 0..1472)" '1473 echoed, 0 bad'
	ip netns exec R ping -c 1 -W 5 -q 10.0.2.2 >/dev/null
}

# The server's host is not there: the router says so, the client hears it.
test_router_says_unreachable() {
	through_router
	ip netns exec R ip route add unreachable 10.0.9.0/24
	fails 'No route to host|Resource temporarily unavailable' \
		A toy-echo client "$FAMILY" 10.0.9.9 7 hello
}

test_port_unreachable_reaches_the_client() {
	pair
	fails 'Connection refused' A toy-echo client inet 10.0.0.2 9 hello
	fails 'Connection refused' B toy-echo client "$FAMILY" 10.0.0.1 9 hello
	fails 'Connection refused' B toy-echo client "$FAMILY" 127.0.0.1 9 hello
	fails 'Connection refused' B toy-echo client "$FAMILY" 10.0.0.2 9 hello
}

test_no_route() {
	pair
	fails 'Network is unreachable' B toy-echo client "$FAMILY" 192.0.2.1 9 hello
}

# An offload that the device loses: the frames must be right without it.
test_without_offloads() {
	need ethtool
	pair
	B ethtool -K veth1 tx off gso off tso off sg off gro off >/dev/null 2>&1
	A ethtool -K veth0 tx off gso off tso off sg off gro off >/dev/null 2>&1
	ping_sizes A 10.0.0.2
	echo_server B "$FAMILY" 10.0.0.2 7
	has "$(A toy-echo client inet 10.0.0.2 7 -S 0..1472)" '1473 echoed, 0 bad'
}

test_large_mtu() {
	pair
	ip -n A link set veth0 mtu 9000
	ip -n B link set veth1 mtu 9000
	has "$(A ping -c 2 -i 0.01 -W 5 -M do -s 8972 10.0.0.2)" '2 received'
	echo_server B "$FAMILY" 10.0.0.2 7
	has "$(A toy-echo client inet 10.0.0.2 7 -S 8900..8972)" '73 echoed, 0 bad'
}

# What the wire saw, as Wireshark's dissectors judge it. Checksums that the
# device would fill in are no mistake, so the devices have to fill in none.
test_capture_is_clean() {
	local pid bad

	need tshark
	need dumpcap
	pair
	A ethtool -K veth0 tx off >/dev/null 2>&1 || true
	B ethtool -K veth1 tx off >/dev/null 2>&1 || true
	ip netns exec A dumpcap -q -i veth0 -w "$tmp/pcap" 2>"$tmp/dumpcap" &
	pid=$!
	eventually test -s "$tmp/pcap"

	A ping -c 3 -i 0.01 -q 10.0.0.2 >/dev/null
	A ping -c 3 -i 0.01 -q -s 1472 10.0.0.2 >/dev/null
	echo_server B "$FAMILY" 10.0.0.2 7
	A toy-echo client inet 10.0.0.2 7 -S 0..64
	A toy-echo client inet 10.0.0.2 7 -S 1400..1472
	echo_server A inet 10.0.0.1 7
	B toy-echo client "$FAMILY" 10.0.0.1 7 -S 0..64
	fails 'Connection refused' B toy-echo client "$FAMILY" 10.0.0.1 9
	fails 'Connection refused' A toy-echo client inet 10.0.0.2 9 the-last-frame
	eventually grep -q the-last-frame "$tmp/pcap"
	kill $pid
	wait $pid || true

	[ "$(tshark -r "$tmp/pcap" 2>/dev/null | wc -l)" -gt 400 ]
	bad=$(tshark -r "$tmp/pcap" -o ip.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -Y '_ws.malformed ||
		ip.checksum.status == "Bad" || udp.checksum.status == "Bad" ||
		icmp.checksum.status == "Bad" || arp.duplicate-address-detected ||
		ip.len == 0' 2>/dev/null)
	is "$bad" ''
}

run_cases "$@"
