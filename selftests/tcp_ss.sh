#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `toy ss` shows TCP as ss(8) does, in every state, and -K ends it.

. "$(dirname "$0")/lib.sh"

PORT=7001

SS() {	# of the stack under test, in B
	if [ "$FAMILY" = toy ]; then
		B toy ss "$@"
	else
		B ss "$@"
	fi
}

# shows PATTERN ARGS...: a line of it
shows() {
	local p=$1
	shift
	SS "$@" | tr '\n\t' '  ' | grep -qE -- "$p"
}

# hold NS ROLE FAMILY ADDR [N]: tcp-hold in the background, its pid in $held.
hold() {
	local ns=$1
	shift
	ip netns exec "$ns" tcp-hold "$@" >"$tmp/hold.$ns" 2>&1 &
	held=$!
}

listens() {	# NS FAMILY PORT
	if [ "$2" = toy ]; then
		ip netns exec "$1" toy -n ss -lt | grep -qE ":$3([^0-9]|$)"
	else
		ip netns exec "$1" ss -Hntl "sport = :$3" | grep -q .
	fi
}

# Frames to this neighbour of B arrive nowhere.
black_hole() {
	if [ "$FAMILY" = toy ]; then
		B toy neigh add "$1" lladdr 02:00:00:00:00:99 dev veth1
	else
		B ip neigh add "$1" lladdr 02:00:00:00:00:99 dev veth1
	fi
}

gone() {
	kill -9 "$@" 2>/dev/null || true
	wait "$@" 2>/dev/null || true
}

test_listen() {
	pair
	hold B listen "$FAMILY" 10.0.0.2 $PORT
	eventually listens B "$FAMILY" $PORT
	# Nothing waits, 128 may.
	shows "LISTEN +0 +128 +10.0.0.2:$PORT" -tln
	shows ' cubic cwnd:10' -tlni
}

test_established() {
	pair
	hold A listen inet 10.0.0.1 $PORT
	eventually listens A inet $PORT
	hold B connect "$FAMILY" 10.0.0.1 $PORT
	eventually shows "ESTAB +0 +0 +10.0.0.2:[0-9]+ +10.0.0.1:$PORT" -tn
	has "$(SS -tino)" 'ts sack cubic wscale:7,7 ' ' mss:1448 pmtu:1500 ' \
		' advmss:1448 cwnd:10 ' ' bytes_acked:1 ' ' lastrcv:[0-9]+' \
		' delivered:1( |$)' ' app_limited' ' minrtt:' ' snd_wnd:[0-9]+'
	# No data has come.
	not shows ' ato:' -tni
}

test_queues() {
	pair
	hold B listen "$FAMILY" 10.0.0.2 $PORT
	eventually listens B "$FAMILY" $PORT
	# Nobody reads.
	ip netns exec A bash -c "exec 3<>/dev/tcp/10.0.0.2/$PORT
		head -c 1000 /dev/zero >&3
		exec sleep 60" &
	eventually shows 'ESTAB +1000 +0 ' -tn
	shows 'bytes_received:1000 ' -tni
	gone $!
	# The FIN is no byte.
	[ "$FAMILY" = inet ] || eventually shows 'CLOSE-WAIT +1000 +0 ' -tn
}

test_timers() {
	pair
	black_hole 10.0.0.9
	hold B connect "$FAMILY" 10.0.0.9 $PORT
	eventually shows 'SYN-SENT +0 +1 .*timer:\(on,[0-9.]+(ms|sec),0\)' -tno
	eventually shows 'SYN-SENT .*timer:\(on,[0-9.]+(ms|sec),[1-9][0-9]*\)' -tno
	gone "$held"

	hold A listen inet 10.0.0.1 $PORT
	eventually listens A inet $PORT
	hold B connect "$FAMILY" 10.0.0.1 $PORT
	eventually shows ESTAB -tn
	A tc qdisc add dev veth0 root netem loss 100%
	gone "$held"
	eventually shows 'FIN-WAIT-1 +0 +1 .*timer:\(on,' -tno
	# It would hold the module for minutes.
	SS -K -tn >/dev/null
}

half_open() { [ "$(SS -Htn state syn-recv | wc -l)" -ge "$1" ]; }

test_half_open() {
	local flood

	pair
	hold B listen "$FAMILY" 10.0.0.2 $PORT
	eventually listens B "$FAMILY" $PORT
	B $S route add 198.18.0.0/15 via 10.0.0.1 dev veth1
	ip netns exec A tcp-inject syn veth0 "$(mac_of B veth1)" 10.0.0.2 $PORT \
		>/dev/null 2>&1 &
	flood=$!
	eventually half_open 20
	gone $flood
	# Where one state is asked for, there is no column for it.
	shows "^0 +0 +10.0.0.2:$PORT +198\.1[0-9.:]+ +timer:\(on," -Htno \
		state syn-recv
	shows " SYN-RECV +0 +0 +10.0.0.2:$PORT +198\.1" -tna
	# What is killed is shown, with a line above.
	SS -K -tn state syn-recv >"$tmp/killed"
	[ "$(wc -l <"$tmp/killed")" -gt 20 ]
	not shows SYN-RECV -tna
	shows LISTEN -tnl
	gone "$held"
}

test_time_wait() {
	local i

	pair
	ip netns exec A tcp-bulk echo inet 10.0.0.1 $PORT >/dev/null 2>&1 &
	eventually listens A inet $PORT
	B tcp-bulk storm "$FAMILY" 10.0.0.1 $PORT 300
	is "$(SS -Htn state time-wait | wc -l)" 300
	shows '10.0.0.1:7001 +timer:\(timewait,(59sec|[0-9]+sec|1min),0\)' -tno \
		state time-wait
	# One of them, then all.
	i=$(SS -Htn state time-wait | sed -n '7s/.*10\.0\.0\.2:\([0-9]*\) .*/\1/p')
	SS -K -tn state time-wait sport = ":$i" >/dev/null
	is "$(SS -Htn state time-wait | wc -l)" 299
	SS -K -tn state time-wait >/dev/null
	is "$(SS -Htn state time-wait | wc -l)" 0
	# And their ports can be used.
	B tcp-bulk storm "$FAMILY" 10.0.0.1 $PORT 100
}

# Its program is gone, the peer does not close.
test_fin_wait_2() {
	pair
	hold A listen inet 10.0.0.1 $PORT
	eventually listens A inet $PORT
	hold B connect "$FAMILY" 10.0.0.1 $PORT
	eventually shows ESTAB -tn
	gone "$held"
	eventually shows 'FIN-WAIT-2 .*timer:\(timewait,' -tnoa
	shows "^0 +0 +10.0.0.2:[0-9]+ +10.0.0.1:$PORT +timer:\(timewait," -Htno \
		state fin-wait-2
	SS -K -tn state fin-wait-2 >/dev/null
	not shows FIN-WAIT-2 -tna
}

# ---- Events ------------------------------------------------------------------

# follow ARGS...: `toy ss -E` of B in the background, into $tmp/events. ss(8)'s
# output would wait in a buffer.
follow() {
	toy_only
	ip netns exec B toy ss -E "$@" >"$tmp/events" 2>&1 &
	follower=$!
	# The header comes before it listens.
	eventually group_has_listeners
}

# The kernel shows the groups of a socket as a bit mask, without names.
group_has_listeners() {
	awk -v pid="$follower" '$2 == 16 && $3 == pid && $4 != "00000000" { f = 1 }
		END { exit !f }' <(B cat /proc/net/netlink)
}

told() { grep -qE -- "$1" <(tr "\n\t" "  " <"$tmp/events") || { cat "$tmp/events"; return 1; }; }

one_connection() {
	hold B listen "$FAMILY" 10.0.0.2 $PORT
	eventually listens B "$FAMILY" $PORT
	ip netns exec A bash -c "exec 3<>/dev/tcp/10.0.0.2/$PORT"
	gone "$held"
}

test_events_gone() {
	pair
	follow -tn
	one_connection
	eventually told " [01] +0 +10.0.0.2:$PORT +10.0.0.1:[0-9]+"
	# The listener, too, and nobody who is still there.
	eventually told " 0 +[0-9]+ +10.0.0.2:$PORT +0.0.0.0:"
	not told ESTAB
	kill $follower
}

test_events_of_states() {
	pair
	follow -tnH state established state close-wait
	one_connection
	eventually told "^ESTAB +0 +0 +10.0.0.2:$PORT +10.0.0.1:[0-9]+ +CLOSE-WAIT "
	not told UNCONN
	kill $follower
}

test_events_of_udp() {
	pair
	follow -un
	ip netns exec B toy-echo server "$FAMILY" 10.0.0.2 $PORT >/dev/null 2>&1 &
	gone_later=$!
	sleep 0.5
	gone $gone_later
	eventually told " 0 +0 +10.0.0.2:$PORT +0.0.0.0:"
	kill $follower
}

# As it would be asked of a program that reads on.
test_events_in_json() {
	pair
	follow -tnj
	one_connection
	eventually told '"netid":"tcp"'
	is "$(jq -r "select(.pport != 0) | [.state, .local, .lport] | @csv" \
		"$tmp/events" | head -n 1)" "\"UNCONN\",\"10.0.0.2\",$PORT"
	kill $follower
}

test_events_by_filter() {
	pair
	follow -tn "sport = :$((PORT + 1))"
	one_connection
	PORT=$((PORT + 1)) one_connection
	eventually told ":$((PORT + 1)) "
	not told ":$PORT "
	kill $follower
}

run_cases "$@"
