#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/reload in every state that a connection can be left in: within a
# second the module is another one. Programs have gone; what holds a socket is
# its peer's silence.

. "$(dirname "$0")/lib.sh"

PORT=7001
RELOAD=$(dirname "$0")/../scripts/reload

# hold NS ARGS...: tcp-hold in the background
hold() {
	local ns=$1
	shift
	ip netns exec "$ns" tcp-hold "$@" >"$tmp/hold.$ns" 2>&1 &
	held+=($!)
}

listens() {	# NS FAMILY PORT
	if [ "$2" = toy ]; then
		ip netns exec "$1" toy -n ss -lt | grep -qE ":$3([^0-9]|$)"
	else
		ip netns exec "$1" ss -Hntl "sport = :$3" | grep -q .
	fi
}

# is_in STATE [N]: so many connections of B
is_in() {
	[ "$(B toy ss -Hnt state "$1" | wc -l)" -ge "${2:-1}" ]
}

programs_die() {
	kill -9 "${held[@]}" 2>/dev/null || true
	wait "${held[@]}" 2>/dev/null || true
	held=()
}

# No frame of B's or of A's arrives any more.
cut_off() {
	A tc qdisc add dev veth0 root netem loss 100%
	B tc qdisc add dev veth1 root netem loss 100%
}

setup() {
	reloadable
	pair
	held=()
	hold A listen inet 10.0.0.1 $PORT
	eventually listens A inet $PORT
}

# The whole second is for a kernel that is not busy with looking for mistakes.
reloads() {
	local before after limit=1000

	grep -q kasan /proc/kallsyms && limit=30000
	before=$(date +%s%3N)
	"$RELOAD" "$TOY_KO"
	after=$(date +%s%3N)
	loaded
	[ $((after - before)) -le $limit ] || {
		echo "it took $((after - before)) ms"
		return 1
	}
	# A new one: no address, no socket.
	is "$(B toy -j addr show | jq '[.[] | select(.ifname == "veth1")] | length')" 0
	is "$(B toy ss -Htan | wc -l)" 0
}

test_listen() {
	setup
	hold B listen toy 10.0.0.2 $PORT
	eventually listens B toy $PORT
	programs_die
	reloads
}

test_syn_sent() {
	setup
	B toy neigh add 10.0.0.9 lladdr 02:00:00:00:00:99 dev veth1
	hold B connect toy 10.0.0.9 $PORT 20
	eventually is_in syn-sent 20
	programs_die
	reloads
}

# The SYN waits for a neighbour that is not there.
test_syn_sent_without_neighbour() {
	setup
	hold B connect toy 10.0.0.10 $PORT 20
	eventually is_in syn-sent 20
	programs_die
	reloads
}

# The program dies afterwards: nobody has let go when the sockets are closed.
test_syn_recv() {
	setup
	hold B listen toy 10.0.0.2 $PORT
	eventually listens B toy $PORT
	B toy route add 198.18.0.0/15 via 10.0.0.1 dev veth1
	A timeout 0.3 tcp-inject syn veth0 "$(mac_of B veth1)" 10.0.0.2 $PORT \
		>/dev/null 2>&1 || true
	is_in syn-recv
	programs_die
	reloads
}

# Accepted by nobody, and with data.
test_accept_queue() {
	setup
	hold B listen toy 10.0.0.2 $PORT
	eventually listens B toy $PORT
	kill -STOP "${held[-1]}"
	hold A connect inet 10.0.0.2 $PORT 20
	eventually is_in established 20
	cut_off
	programs_die
	reloads
}

test_established() {
	setup
	hold B connect toy 10.0.0.1 $PORT 20
	eventually is_in established 20
	cut_off
	programs_die
	reloads
}

test_fin_wait_1() {
	setup
	hold B connect toy 10.0.0.1 $PORT 20
	eventually is_in established 20
	cut_off
	programs_die
	is_in fin-wait-1 20
	reloads
}

# With data that the peer does not take: a zero window.
test_fin_wait_1_with_data() {
	setup
	ip netns exec B tcp-bulk send toy 10.0.0.1 $PORT 64000000 >/dev/null 2>&1 &
	held+=($!)
	eventually sh -c 'ip netns exec B toy ss -tno | grep -q persist'
	kill -9 "${held[-1]}"
	eventually is_in fin-wait-1
	reloads
	programs_die
}

test_fin_wait_2() {
	setup
	hold B connect toy 10.0.0.1 $PORT 20
	eventually is_in established 20
	kill -9 "${held[-1]}"
	eventually is_in fin-wait-2 20
	cut_off
	reloads
	programs_die
}

# Longer than TIME_WAIT: as sockets.
test_fin_wait_2_for_long() {
	setup
	B sh -c 'echo 100 >/proc/sys/net/toy/tcp_fin_timeout'
	hold B connect toy 10.0.0.1 $PORT 20
	eventually is_in established 20
	kill -9 "${held[-1]}"
	eventually is_in fin-wait-2 20
	has "$(B toy ss -tno)" 'timer:\(keepalive,'
	cut_off
	reloads
	programs_die
}

close_wait() {
	setup
	hold B listen toy 10.0.0.2 $PORT
	eventually listens B toy $PORT
	hold A -s connect inet 10.0.0.2 $PORT 20
	eventually is_in close-wait 20
	cut_off
}

# The program is there until its sockets are closed.
test_close_wait() {
	close_wait
	B toy ss -K -tn state close-wait >/dev/null
	not is_in close-wait
	programs_die
	reloads
}

test_last_ack() {
	close_wait
	programs_die
	is_in last-ack 20
	reloads
}

test_closing() {
	setup
	hold B connect toy 10.0.0.1 $PORT 20
	eventually is_in established 20
	# The peer's FIN arrives, ours does not.
	B tc qdisc add dev veth1 root netem loss 100%
	kill -9 "${held[-1]}"
	eventually is_in fin-wait-1 20
	programs_die
	eventually is_in closing 20
	reloads
}

test_time_wait() {
	setup
	ip netns exec A tcp-bulk echo inet 10.0.0.1 7002 >/dev/null 2>&1 &
	held+=($!)
	eventually listens A inet 7002
	B tcp-bulk storm toy 10.0.0.1 7002 100
	is_in time-wait 100
	reloads
	programs_die
}

# Orphans in a namespace that has only its name left, and in two at once.
test_other_namespaces() {
	setup
	netns C
	cable A veth2 C veth3
	ip -n A addr add 10.0.1.1/24 dev veth2
	host C veth3 10.0.1.2/24
	hold B connect toy 10.0.0.1 $PORT 5
	hold A listen inet 10.0.1.1 7002
	eventually listens A inet 7002
	hold C connect toy 10.0.1.1 7002 5
	eventually is_in established 5
	eventually sh -c 'ip netns exec C toy ss -tn | grep -q ESTAB'
	cut_off
	A tc qdisc add dev veth2 root netem loss 100%
	programs_die
	is_in fin-wait-1 5
	reloads
}

run_cases "$@"
