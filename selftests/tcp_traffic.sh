#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# TCP end to end: bulk data in all directions and over all kinds of devices,
# bad networks, many connections, attackers, and what goes away meanwhile.
# Every byte is checked by tcp-bulk.
#
# TOY_BULK is the size of one bulk transfer (8M; 1G for a long look).

. "$(dirname "$0")/lib.sh"

BULK=$(numfmt --from=iec "${TOY_BULK:-8M}")
PORT=7007

# ---- Programs --------------------------------------------------------------

listening() {	# NS FAMILY PORT
	if [ "$2" = toy ]; then
		ip netns exec "$1" toy -n ss -l -t | grep -qE ":$3([^0-9]|$)"
	else
		ip netns exec "$1" ss -Hntl "sport = :$3" | grep -q .
	fi
}

# sink NS FAMILY ADDR [CONNECTIONS]: ready to take streams; its pid in $sink.
sink() {
	ip netns exec "$1" tcp-bulk sink "$2" "$3" $PORT "${4:-1}" \
		>"$tmp/sink.$1" 2>&1 &
	sink=$!
	eventually listening "$1" "$2" $PORT
}

# sent NS FAMILY ADDR [BYTES]: all of it arrives, and is right.
sent() {
	timeout "${PATIENCE:-200}" ip netns exec "$1" \
		tcp-bulk send "$2" "$3" $PORT "${4:-$BULK}" ||
		{ echo "$1 -> $3 ($2) failed; the sink says:"
		  cat "$tmp"/sink.*; return 1; }
	wait "$sink" || { cat "$tmp"/sink.*; return 1; }
}

# one_way FROM-NS FAMILY TO-NS FAMILY ADDR [BYTES]
one_way() {
	sink "$3" "$4" "$5"
	sent "$1" "$2" "$5" "${6:-$BULK}"
}

both_ways() {	# between A (Linux) and B (under test)
	one_way A inet B "$FAMILY" 10.0.0.2 "$@"
	one_way B "$FAMILY" A inet 10.0.0.1 "$@"
}

tcp_echo() {	# NS FAMILY ADDR
	ip netns exec "$1" tcp-bulk echo "$2" "$3" $PORT >"$tmp/echo.$1" 2>&1 &
	echo_pid=$!
	eventually listening "$1" "$2" $PORT
}

echo_ends() {
	kill "$echo_pid"
	wait "$echo_pid" || true
}

# ---- Bulk --------------------------------------------------------------------

test_bulk() {
	pair
	both_ways
}

test_bulk_exclusive() {
	toy_only
	pair exclusive
	both_ways
}

test_bulk_twins() {
	twins
	one_way A "$FAMILY" B "$FAMILY" 10.0.0.2
	one_way B "$FAMILY" A "$FAMILY" 10.0.0.1
}

test_bulk_inside_one_host() {
	pair
	one_way B "$FAMILY" B "$FAMILY" 127.0.0.1
	one_way B "$FAMILY" B "$FAMILY" 10.0.0.2
}

# ethtool -K at both ends.
offloads() {
	need ethtool
	A ethtool -K veth0 "$@" >/dev/null 2>&1
	B ethtool -K veth1 "$@" >/dev/null 2>&1
}

test_bulk_without_offloads() {
	pair
	offloads tx off sg off tso off gso off gro off
	both_ways
}

test_bulk_without_checksum_offload() {
	pair
	offloads tx off
	both_ways
}

test_bulk_without_tso() {
	pair
	offloads tso off
	both_ways
}

# veth's own NAPI, and GRO in it.
test_bulk_gro() {
	pair
	offloads tso off gro on
	both_ways
}

test_bulk_gro_and_tso() {
	pair
	offloads gro on
	both_ways
}

test_bulk_gro_exclusive() {
	toy_only
	pair exclusive
	offloads tso off gro on
	both_ways
}

test_bulk_threaded_napi() {
	pair
	offloads gro on
	B sh -c 'echo 1 >/sys/class/net/veth1/threaded' || skip "no threaded NAPI"
	both_ways
}

test_bulk_large_mtu() {
	pair
	ip -n A link set veth0 mtu 9000
	ip -n B link set veth1 mtu 9000
	both_ways
}

# One end has the larger MTU: the MSS option settles it.
test_bulk_unequal_mtu() {
	pair
	ip -n B link set veth1 mtu 1000
	both_ways
}

test_bulk_small_mtu() {
	pair
	ip -n A link set veth0 mtu 576
	ip -n B link set veth1 mtu 576
	both_ways $((BULK / 8))
}

test_bulk_reno() {
	pair
	sink A inet 10.0.0.1
	timeout 200 ip netns exec B tcp-bulk -c reno send "$FAMILY" 10.0.0.1 \
		$PORT "$BULK"
	wait "$sink"
}

# Many streams share the cable.
test_bulk_in_parallel() {
	local i pids=()

	pair
	sink B "$FAMILY" 10.0.0.2 8
	for i in 1 2 3 4 5 6 7 8; do
		timeout 200 ip netns exec A tcp-bulk send inet 10.0.0.2 $PORT \
			$((BULK / 8)) "$i" >"$tmp/send.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || { cat "$tmp"/send.* "$tmp"/sink.*; return 1; }
	done
	wait "$sink"
	is "$(grep -c ok "$tmp/sink.B")" 8
}

# Through a router that is Linux; its GRO puts segments together again.
test_bulk_through_a_router() {
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
	one_way A "$FAMILY" B "$FAMILY" 10.0.2.2
	one_way B "$FAMILY" A "$FAMILY" 10.0.1.2
}

# ---- A bad network -----------------------------------------------------------

# The whole of it at once, both ways. TOY_BULK_BAD is larger in virtual time.
bad_network() {
	A tc qdisc add dev veth0 root netem "$@"
	B tc qdisc add dev veth1 root netem "$@"
}

bad_bytes=$(numfmt --from=iec "${TOY_BULK_BAD:-512K}")

test_bad_network() {
	pair
	bad_network delay 5ms loss 1% reorder 5% duplicate 1% corrupt 0.1%
	both_ways "$bad_bytes"
}

test_bad_network_without_offloads() {
	pair
	offloads tx off sg off tso off gso off gro off
	bad_network delay 5ms loss 1% reorder 5% duplicate 1% corrupt 0.1%
	both_ways "$bad_bytes"
}

test_bad_network_twins() {
	twins
	bad_network delay 5ms loss 1% reorder 5% duplicate 1% corrupt 0.1%
	one_way A "$FAMILY" B "$FAMILY" 10.0.0.2 "$bad_bytes"
}

# ---- Many connections ---------------------------------------------------------

test_thousand_connections() {
	pair
	tcp_echo B "$FAMILY" 10.0.0.2
	is "$(A timeout 200 tcp-bulk many inet 10.0.0.2 $PORT 1000)" \
		'1000 connections echoed'
	echo_ends
	tcp_echo A inet 10.0.0.1
	is "$(B timeout 200 tcp-bulk many "$FAMILY" 10.0.0.1 $PORT 1000)" \
		'1000 connections echoed'
	echo_ends
}

test_thousand_connections_inside_one_host() {
	pair
	tcp_echo B "$FAMILY" 127.0.0.1
	is "$(B timeout 200 tcp-bulk many "$FAMILY" 127.0.0.1 $PORT 1000)" \
		'1000 connections echoed'
	echo_ends
}

test_storm() {
	pair
	tcp_echo B "$FAMILY" 10.0.0.2
	is "$(A timeout 200 tcp-bulk storm inet 10.0.0.2 $PORT 2000)" \
		'2000 connections echoed'
	echo_ends
	tcp_echo A inet 10.0.0.1
	is "$(B timeout 200 tcp-bulk storm "$FAMILY" 10.0.0.1 $PORT 2000)" \
		'2000 connections echoed'
	echo_ends
}

# ---- Attackers -----------------------------------------------------------------

# Nobody answers the SYN-ACKs: A has no such addresses and forwards nothing.
test_syn_flood() {
	local flood

	pair
	B $S route add 198.18.0.0/15 via 10.0.0.1 dev veth1
	tcp_echo B "$FAMILY" 10.0.0.2
	ip netns exec A tcp-inject syn veth0 "$(mac_of B veth1)" 10.0.0.2 $PORT \
		>/dev/null 2>&1 &
	flood=$!
	is "$(A timeout 100 tcp-bulk storm inet 10.0.0.2 $PORT 200)" \
		'200 connections echoed'
	sleep 1
	is "$(A timeout 100 tcp-bulk storm inet 10.0.0.2 $PORT 200)" \
		'200 connections echoed'
	is "$(A timeout 100 tcp-bulk many inet 10.0.0.2 $PORT 20)" \
		'20 connections echoed'
	kill $flood
	wait $flood || true
	echo_ends
}

# A stranger guesses addresses, ports and even the window of a connection.
test_blind_injection() {
	local blind

	pair
	# So slow that there is time for many guesses.
	B tc qdisc add dev veth1 root netem rate 60mbit
	ip netns exec A tcp-inject blind veth0 "$(mac_of B veth1)" 10.0.0.1 10.0.0.2 7100 \
		>"$tmp/blind" 2>&1 &
	blind=$!
	sink A inet 10.0.0.1
	# The source port has to be known to the stranger.
	timeout 200 ip netns exec B tcp-bulk -b 10.0.0.2:7100 send "$FAMILY" \
		10.0.0.1 $PORT $((BULK > 8388608 ? BULK : 8388608))
	wait "$sink" || { cat "$tmp/sink.A"; return 1; }
	kill $blind
	wait $blind || true
	grep -q injecting "$tmp/blind"
}

# ---- What goes away meanwhile ----------------------------------------------------

# A transfer that does not end by itself, from B to A and from A to B.
endless() {
	sink A inet 10.0.0.1
	sink_a=$sink
	sink B "$FAMILY" 10.0.0.2
	sink_b=$sink
	ip netns exec B tcp-bulk flow "$FAMILY" 10.0.0.1 $PORT 1000 1 >/dev/null 2>&1 &
	flow_b=$!
	ip netns exec A tcp-bulk flow inet 10.0.0.2 $PORT 1000 1 >/dev/null 2>&1 &
	flow_a=$!
	eventually ends_are 4
	sleep 0.2
}

# How many ends of established connections there are, of both stacks.
ends_are() {
	local n

	n=$({ A ss -Hnt state established; B ss -Hnt state established; } | wc -l)
	[ "$FAMILY" = inet ] ||
		n=$((n + $(B toy ss -Hnt state established | wc -l)))
	is $n "$1"
}

all_end() {
	local pid

	kill -9 $flow_a $flow_b $sink_a $sink_b 2>/dev/null || true
	for pid in $flow_a $flow_b $sink_a $sink_b; do
		wait "$pid" 2>/dev/null || true
	done
}

test_netns_deletion_under_traffic() {
	local i

	netns A
	for i in 1 2 3; do
		netns B
		cable A veth0 B veth1
		linux_host A veth0 10.0.0.1/24
		host B veth1 10.0.0.2/24
		endless
		ip netns del B
		all_end
		eventually bash -c '! ip -n A link show veth0'
	done
}

test_processes_are_killed_under_traffic() {
	local i

	pair
	for i in 1 2 3; do
		endless
		all_end
	done
	both_ways
}

# Down and up again: what was underway goes on, and is right.
test_device_down_under_traffic() {
	pair
	# Some seconds of work.
	B tc qdisc add dev veth1 root netem rate 20mbit
	sink A inet 10.0.0.1
	(sleep 0.5; ip -n B link set veth1 down; sleep 0.5
	 ip -n B link set veth1 up) &
	sent B "$FAMILY" 10.0.0.1 4194304
	wait
	both_ways
}

test_device_deletion_under_traffic() {
	local i

	netns A B
	for i in 1 2 3; do
		cable A veth0 B veth1
		linux_host A veth0 10.0.0.1/24
		host B veth1 10.0.0.2/24
		endless
		ip -n B link del veth1
		all_end
	done
	# Orphans without a device would keep the module for minutes.
	[ "$TOY_FAMILY" = inet ] || B toy ss -K -t >/dev/null || true
}

test_detach_under_traffic() {
	local i

	toy_only
	pair
	for i in 1 2 3; do
		endless
		B toy dev detach veth1
		all_end
		host B veth1 10.0.0.2/24
	done
	eventually reaches
	both_ways
}

# The address goes and comes back: the connection does not notice.
test_address_comes_back() {
	pair
	B tc qdisc add dev veth1 root netem rate 20mbit
	sink A inet 10.0.0.1
	(sleep 0.5; B $S addr del 10.0.0.2/24 dev veth1; sleep 0.3
	 B $S addr add 10.0.0.2/24 dev veth1) &
	sent B "$FAMILY" 10.0.0.1 4194304
	wait
}

test_mtu_changes_under_traffic() {
	local i

	pair
	B tc qdisc add dev veth1 root netem rate 20mbit
	sink A inet 10.0.0.1
	(for i in 1400 900 1500 600 1500; do
		sleep 0.2
		ip -n B link set veth1 mtu $i
	 done) &
	sent B "$FAMILY" 10.0.0.1 4194304
	wait
}

# By the administrator: both ends hear of it.
test_kill_under_traffic() {
	pair
	endless
	if [ "$FAMILY" = toy ]; then
		B toy -n ss -K -t state established
	else
		B ss -Ktn state established >/dev/null
	fi
	eventually ends_are 0
	all_end
	both_ways
}

# ---- The module --------------------------------------------------------------------

# Connections in TIME_WAIT, half-open ones and queued SYNs belong to nobody: they
# do not hold the module, and nothing of them is left when it goes.
test_unload_after_traffic() {
	reloadable
	pair
	both_ways 100000
	eventually unload
	insmod "$TOY_KO"
}

test_unload_in_time_wait() {
	reloadable
	pair
	tcp_echo B toy 10.0.0.2
	A tcp-bulk storm inet 10.0.0.2 $PORT 50
	tcp_echo_b=$echo_pid
	tcp_echo A inet 10.0.0.1
	# This side closes first, and so it waits.
	B tcp-bulk storm toy 10.0.0.1 $PORT 50
	has "$(B toy -n ss -a -t)" 'TIME'
	kill $tcp_echo_b
	echo_ends
	eventually unload
	insmod "$TOY_KO"
}

test_unload_with_half_open() {
	reloadable
	pair
	B toy route add 198.18.0.0/15 via 10.0.0.1 dev veth1
	tcp_echo B toy 10.0.0.2
	ip netns exec A tcp-inject syn veth0 "$(mac_of B veth1)" 10.0.0.2 $PORT \
		>/dev/null 2>&1 &
	flood=$!
	sleep 0.5
	echo_ends
	eventually unload
	kill $flood
	wait $flood || true
	insmod "$TOY_KO"
}

# Orphans, whose FIN nobody acknowledges, hold the module until they give up or
# are closed by hand.
test_unload_with_orphans() {
	reloadable
	pair
	endless
	A tc qdisc add dev veth0 root netem loss 100%
	all_end
	unload 2>/dev/null && return 1
	B toy ss -K >/dev/null
	eventually unload
	insmod "$TOY_KO"
}

test_unload_under_syn_flood() {
	local i

	reloadable
	pair
	ip netns exec A tcp-inject syn veth0 "$(mac_of B veth1)" 10.0.0.2 $PORT \
		>/dev/null 2>&1 &
	flood=$!
	for i in 1 2 3; do
		eventually unload
		insmod "$TOY_KO"
		host B veth1 10.0.0.2/24
		tcp_echo B toy 10.0.0.2
		sleep 0.1
		echo_ends
	done
	kill $flood
	wait $flood || true
	eventually reaches
}

run_cases "$@"
