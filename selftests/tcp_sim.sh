#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# TCP over long and bad paths, in virtual time: scripts/uml --time-travel
# --seed N. Minutes of traffic pass in seconds, and one seed is one story.
#
# The stack under test is measured beside AF_INET's CUBIC in the same boot, on
# the same path. Where the stack under test is AF_INET itself, the figures say
# how much a measurement scatters.
#
#	A                  R                 Q                  B
#	10.0.1.2 inet <-> 10.0.1.1           10.0.2.1 <-> 10.0.2.2 inet
#	10.0.1.3 test     r1 10.0.3.1 <---> q0 10.0.3.2        10.0.2.3 test
#
# R is the bottleneck, and half of the round trip is spent at R, half at Q. The
# hosts send what they like; behind their first cable it is packets of one MTU
# each, so that losing one in a hundred is the same for everybody.

. "$(dirname "$0")/lib.sh"

CASE_TIMEOUT=${CASE_TIMEOUT_SIM:-100000}
DEADLINE=60

RATE=100mbit
HALF=25ms		# half of the round trip
LIMIT=600		# packets at the bottleneck, those underway included

# How often what chance decides is measured; with one round, what is only for
# the curious is left out.
ROUNDS=${TOY_SIM_ROUNDS:-4}

# How long flows compete, and how much of that is not counted: in seconds. Who
# leaves slow start with more stays ahead for a while: a reduction of CUBIC takes
# some ten seconds to grow back, and each takes away a part of the difference.
FAIR_TIME="240 60"

# With TOY_SIM_WATCH=FILE the windows of flow N are written to FILE.N.

grep -q time-travel /proc/cmdline || NO_VIRTUAL_TIME=1

# both NS DEV NUMBER/LEN-PREFIX: an address for each stack.
both_stacks() {	# NS DEV PREFIX
	linux_host "$1" "$2" "$3.2/24"
	host "$1" "$2" "$3.3/24"
}

forwards() {
	ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	# No redirects, no filters: just a wire that is long.
	ip netns exec "$1" sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
}

# path [DATA-NETEM... [-- ACK-NETEM... [-- LAST-HOP...]]]: what happens to
# data from A to B, to the acknowledgements, and on the last hop to B.
path() {
	local data=() acks=() last=() into=data a ns

	[ -z "${NO_VIRTUAL_TIME:-}" ] || skip "needs scripts/uml --time-travel"
	for a; do
		case $a,$into in
		--,data) into=acks ;;
		--,acks) into=last ;;
		*,data)  data+=("$a") ;;
		*,acks)  acks+=("$a") ;;
		*)       last+=("$a") ;;
		esac
	done
	netns A R Q B
	cable A veth0 R r0
	cable R r1 Q q0
	cable Q q1 B veth1
	linux_host R r0 10.0.1.1/24
	linux_host R r1 10.0.3.1/24
	linux_host Q q0 10.0.3.2/24
	linux_host Q q1 10.0.2.1/24
	forwards R
	forwards Q
	ip -n R route add 10.0.2.0/24 via 10.0.3.2
	ip -n Q route add 10.0.1.0/24 via 10.0.3.1
	both_stacks A veth0 10.0.1
	both_stacks B veth1 10.0.2
	ip -n A route add 10.0.2.0/24 via 10.0.1.1 src 10.0.1.2
	ip -n B route add 10.0.1.0/24 via 10.0.2.1 src 10.0.2.2
	if [ "$FAMILY" = toy ]; then
		A toy route add 10.0.2.0/24 via 10.0.1.1 dev veth0
		B toy route add 10.0.1.0/24 via 10.0.2.1 dev veth1
	fi
	# A lost ARP would be another story.
	for a in 2 3; do
		ip -n R neigh replace 10.0.1.$a lladdr "$(mac_of A veth0)" dev r0 nud permanent
		ip -n Q neigh replace 10.0.2.$a lladdr "$(mac_of B veth1)" dev q1 nud permanent
	done
	ip -n R neigh replace 10.0.3.2 lladdr "$(mac_of Q q0)" dev r1 nud permanent
	ip -n Q neigh replace 10.0.3.1 lladdr "$(mac_of R r1)" dev q0 nud permanent
	# Every packet by itself, from the second hop on.
	ip netns exec A ethtool -K veth0 tso off gso off >/dev/null 2>&1
	ip netns exec B ethtool -K veth1 tso off gso off >/dev/null 2>&1
	for a in R:r0 R:r1 Q:q0 Q:q1; do
		ip netns exec ${a%:*} ethtool -K ${a#*:} gro off >/dev/null 2>&1
	done
	# A cwnd that another connection has left is no one's.
	for ns in A B; do
		ip netns exec $ns sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save'
	done
	ip netns exec R tc qdisc add dev r1 root netem rate $RATE delay $HALF \
		limit $LIMIT "${data[@]}"
	ip netns exec Q tc qdisc add dev q0 root netem rate $RATE delay $HALF \
		limit 10000 "${acks[@]}"
	[ ${#last[@]} = 0 ] ||
		ip netns exec Q tc qdisc add dev q1 root netem limit 10000 "${last[@]}"
}

# The two sides of a comparison: family, source, destination.
LINUX="inet 10.0.1.2 10.0.2.2"
TEST="$FAMILY 10.0.1.3 10.0.2.3"
TEST2="$FAMILY 10.0.1.3 10.0.2.3"

listening() {	# FAMILY ADDR PORT
	if [ "$1" = toy ]; then
		B toy -n ss -l -t | grep -qE ":$3([^0-9]|$)"
	else
		B ss -Hntl "sport = :$3" | grep -q .
	fi
}

# A reader that naps costs less to simulate. Where flows compete for a queue, its
# bursts of acknowledgments would decide who loses.
NAPS=1

# flows SECONDS SKIP WHO...: all at the same time; kbit/s of each, in rates[].
flows() {
	local seconds=$1 skip=$2 who n=0 pids=() fam src dst pid
	shift 2
	rates=()

	for who; do
		read -r fam src dst <<<"$who"
		ip netns exec B tcp-bulk ${NAPS:+-n} sink "$fam" "$dst" \
			$((7000 + n)) >"$tmp/flow.$n" 2>&1 &
		pids+=($!)
		eventually listening "$fam" "$dst" $((7000 + n))
		n=$((n + 1))
	done
	n=0
	for who; do
		read -r fam src dst <<<"$who"
		ip netns exec A tcp-bulk ${TOY_SIM_WATCH:+-v} -b "$src" -c "${CC:-cubic}" \
			flow "$fam" "$dst" $((7000 + n)) "$seconds" "$skip" \
			>/dev/null 2>"${TOY_SIM_WATCH:-/dev/null}${TOY_SIM_WATCH:+.$n}" &
		n=$((n + 1))
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || { cat "$tmp"/flow.*; return 1; }
	done
	for ((n = 0; n < ${#pids[@]}; n++)); do
		rates+=("$(sed -n 's: kbit/s$::p' "$tmp/flow.$n")")
		[ -n "${rates[$n]}" ] || { echo "no rate"; return 1; }
	done
}

# alone SECONDS SKIP WHO: kbit/s of one flow that has the path for itself.
alone() {
	flows "$@"
	rate=${rates[0]}
}

# at_least X FACTOR Y WHAT: X >= FACTOR * Y
at_least() {
	awk -v x="$1" -v f="$2" -v y="$3" -v w="$4" 'BEGIN {
		printf "%s: %.0f and %.0f kbit/s, ratio %.3f, at least %s wanted\n", w, x, y, x / y, f
		exit !(x >= f * y)
	}'
}

# jain LEAST X Y: Jain's index of fairness.
jain() {
	awk -v least="$1" -v x="$2" -v y="$3" 'BEGIN {
		j = (x + y) ^ 2 / (2 * (x ^ 2 + y ^ 2))
		printf "%.0f and %.0f kbit/s, index %.4f, at least %s wanted\n", x, y, j, least
		exit !(j >= least)
	}'
}

# What the other stack makes of the same path.
for_the_curious() {
	[ $ROUNDS -gt 1 ] || return 0
	alone 30 5 "$LINUX"
	echo "Linux: $rate kbit/s"
}

# ---- The cases ---------------------------------------------------------------

# A clean path: both fill it.
test_clean() {
	local linux

	path
	alone 15 5 "$LINUX"
	linux=$rate
	alone 15 5 "$TEST"
	at_least "$rate" 0.97 "$linux" "test and Linux"
	at_least "$rate" 0.90 100000 "test and the wire"
}

# Thousands of losses each: the average of a lottery takes many draws.
test_loss() {
	local linux=0 test=0 i

	path loss 1%
	for i in $(seq $ROUNDS); do
		alone 250 10 "$LINUX"
		linux=$((linux + rate))
		alone 250 10 "$TEST"
		test=$((test + rate))
	done
	at_least $test 0.95 $linux "test and Linux, sum of $ROUNDS"
}

test_light_loss() {
	local linux=0 test=0 i

	path loss 0.1%
	for i in $(seq $ROUNDS); do
		alone 120 10 "$LINUX"
		linux=$((linux + rate))
		alone 120 10 "$TEST"
		test=$((test + rate))
	done
	at_least $test 0.90 $linux "test and Linux, sum of $ROUNDS"
}

# Three in a hundred come two milliseconds late; none is lost.
test_reordering() {
	local clean

	path
	alone 15 5 "$TEST"
	clean=$rate
	ip netns exec Q tc qdisc add dev q1 root netem limit 10000 \
		delay 2ms reorder 97%
	alone 30 5 "$TEST"
	at_least "$rate" 0.95 "$clean" "with and without reordering"
	for_the_curious
}

test_ack_loss() {
	local clean

	path
	alone 15 5 "$TEST"
	clean=$rate
	ip netns exec Q tc qdisc change dev q0 root netem rate $RATE \
		delay $HALF limit 10000 loss 2%
	alone 30 5 "$TEST"
	at_least "$rate" 0.98 "$clean" "with and without ACK loss"
	for_the_curious
}

test_fair_among_themselves() {
	local NAPS=''

	path
	flows $FAIR_TIME "$TEST" "$TEST2"
	jain 0.95 "${rates[@]}"
}

test_fair_to_linux() {
	local NAPS=''

	path
	flows $FAIR_TIME "$TEST" "$LINUX"
	jain 0.95 "${rates[@]}"
}

# All that a network can do to packets, at once and both ways; not one byte is
# wrong, and it ends.
test_everything_at_once() {
	local bytes dst src fam

	bytes=$(numfmt --from=iec "${TOY_BULK_BAD:-100M}")
	path
	for a in R:r1 Q:q0; do
		ip netns exec ${a%:*} tc qdisc replace dev ${a#*:} root netem \
			rate $RATE delay 20ms loss 1% reorder 5% duplicate 1% \
			corrupt 0.1% limit 10000
	done
	read -r fam src dst <<<"$TEST"
	ip netns exec B tcp-bulk sink "$fam" "$dst" 7000 >"$tmp/sink" 2>&1 &
	sink=$!
	eventually listening "$fam" "$dst" 7000
	timeout 7200 ip netns exec A tcp-bulk -b "$src" send "$fam" "$dst" \
		7000 "$bytes" || { cat "$tmp/sink"; return 1; }
	wait $sink || { cat "$tmp/sink"; return 1; }
}

run_cases "$@"
