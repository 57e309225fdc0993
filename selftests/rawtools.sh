#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs of everybody's that use raw sockets, control messages and the error
# queue: ping and traceroute, as root.

. "$(dirname "$0")/lib.sh"

# on NS CMD...: the command on the stack under test.
on() {
	local ns=$1
	shift
	if [ "$FAMILY" = toy ]; then
		set -- toyrun "$@"
	fi
	ip netns exec "$ns" "$@"
}

# Nobody may open ping sockets, so that ping(8) takes a raw one.
test_ping() {
	need ping
	pair
	has "$(on B ping -n -c 3 -i 0.01 -W 5 10.0.0.1)" '3 received' 'ttl=64' \
		'from 10\.0\.0\.1'
}

test_ping_sizes() {
	local size

	need ping
	pair
	for size in 0 1 7 8 9 15 16 56 100 512 1000 1471 1472; do
		on B ping -n -c 1 -W 5 -q -s $size 10.0.0.1 >/dev/null ||
			{ echo "lost at $size bytes"; return 1; }
	done
}

test_ping_own_addresses() {
	need ping
	pair
	has "$(on B ping -n -c 1 -W 5 10.0.0.2)" '1 received'
	has "$(on B ping -n -c 1 -W 5 127.0.0.1)" '1 received'
}

# Two at once: each hears both's replies and knows its own.
test_two_pings() {
	need ping
	pair
	on B ping -n -c 20 -i 0.01 -W 5 -q 10.0.0.1 >"$tmp/one" &
	has "$(on B ping -n -c 20 -i 0.01 -W 5 -q 10.0.0.1)" '20 received, 0% packet loss'
	wait $!
	has "$(cat "$tmp/one")" '20 received, 0% packet loss'
}

test_ping_flood() {
	need ping
	pair
	has "$(on B ping -n -f -q -c 2000 10.0.0.1)" '2000 received, 0% packet loss'
}

# The route is recorded by both ends.
test_ping_record_route() {
	need ping
	pair
	has "$(on B ping -n -R -c 1 -W 5 10.0.0.1)" '1 received' 'RR:' '10\.0\.0\.2' \
		'10\.0\.0\.1'
}

test_ping_timestamps() {
	need ping
	pair
	has "$(on B ping -n -T tsandaddr -c 1 -W 5 10.0.0.1)" '1 received' 'TS:'
}

# A router in between says that it is too far.
#
#	B 10.0.0.2 <---> 10.0.0.1 A 10.0.1.1 <---> 10.0.1.2 C
routed() {
	pair
	netns C
	cable A veth2 C veth3
	linux_host A veth2 10.0.1.1/24
	linux_host C veth3 10.0.1.2/24
	A sysctl -qw net.ipv4.ip_forward=1
	ip -n C route add 10.0.0.0/24 via 10.0.1.1
	B $S route add 10.0.1.0/24 via 10.0.0.1
}

test_ping_ttl() {
	need ping
	routed
	has "$(on B ping -n -t 1 -c 1 -W 5 10.0.1.2 || true)" \
		'From 10\.0\.0\.1.*Time to live exceeded'
	has "$(on B ping -n -t 2 -c 1 -W 5 10.0.1.2)" '1 received' 'ttl=63'
}

test_traceroute() {
	need traceroute
	routed
	has "$(on B traceroute -n -w 5 -q 1 10.0.1.2)" '^ 1  10\.0\.0\.1 ' '^ 2  10\.0\.1\.2 '
}

test_traceroute_icmp() {
	need traceroute
	routed
	has "$(on B traceroute -I -n -w 5 -N 1 -q 1 10.0.1.2)" '^ 1  10\.0\.0\.1 ' '^ 2  10\.0\.1\.2 '
}

# Linux sees what it must see of us.
test_linux_pings_us() {
	need ping
	pair
	on B ping -n -c 100 -i 0.01 -q 10.0.0.1 >/dev/null &
	has "$(A ping -n -c 10 -i 0.01 -W 5 10.0.0.2)" '10 received'
	wait $!
}

run_cases "$@"
