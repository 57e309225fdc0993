# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the shell tests share. A test file sources this, defines functions
# test_NAME and ends with `run_cases "$@"`.
#
# Every case runs in network, mount and pid namespaces of its own: whatever it
# leaves behind goes with it. A command that fails ends the case as failed, so
# a test is a list of commands that must succeed. $FAMILY is the family under
# test and $S the command that configures it: toy, or ip for the control. Both
# have one grammar.

FAMILY=${TOY_FAMILY:-toy}
S=toy
[ "$FAMILY" = toy ] || S=ip
export S FAMILY

CASE_TIMEOUT=${CASE_TIMEOUT:-240}	# seconds; emulators are slow
DEADLINE=${DEADLINE:-20}		# seconds, for what must happen

# ---- Running cases -------------------------------------------------------

list_cases() {
	sed -n 's/^test_\([a-z0-9_]*\)() {$/\1/p' "$0"
}

run_cases() {
	local name out rc n=0 failed=0

	case ${1:-} in
	--list)
		list_cases
		exit 0
		;;
	--case)
		run_here "$2"
		exit 0
		;;
	esac
	[ $# -gt 0 ] || mapfile -t < <(list_cases)
	[ $# -gt 0 ] || set -- "${MAPFILE[@]}"
	for name; do
		n=$((n + 1))
		rc=0
		out=$(timeout --kill-after=5 "$CASE_TIMEOUT" unshare --net \
			--mount --pid --fork --kill-child --mount-proc \
			bash "$0" --case "$name" 2>&1 </dev/null) || rc=$?
		[ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/# /'
		case $rc in
		0)   echo "ok $n $name" ;;
		4)   echo "ok $n $name # SKIP ${out##*skip: }" ;;
		124|137) echo "not ok $n $name # timeout after $CASE_TIMEOUT s" ;;
		*)   echo "not ok $n $name" ;;
		esac
		[ $rc = 0 ] || [ $rc = 4 ] || failed=1
	done
	exit $failed
}

run_here() {
	set -eE -o pipefail
	trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND"' ERR
	# Named network namespaces of this case only.
	mkdir -p /run/netns
	mount -t tmpfs tmpfs /run/netns
	tmp=$(mktemp -d)
	mount -t tmpfs tmpfs "$tmp"
	ip link set lo up
	"test_$1"
}

skip() {
	echo "skip: $*"
	exit 4
}

toy_only() { [ "$FAMILY" = toy ] || skip "a question about AF_TOY"; }
inet_only() { [ "$FAMILY" = inet ] || skip "a question about AF_INET"; }
need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

# ---- Expectations --------------------------------------------------------

# is GOT WANTED
is() {
	[ "$1" = "$2" ] || {
		echo "got '$1', not '$2'"
		return 1
	}
}

# has TEXT PATTERN...: every pattern occurs (grep -E).
has() {
	local text=$1 p
	shift
	for p; do
		grep -qE -- "$p" <<<"$text" || {
			printf '%s\n' "$text" "... has no /$p/"
			return 1
		}
	done
}

# not CMD...: "! CMD" would not end the case.
not() {
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# fails TEXT CMD...: the command fails, and says so (grep -E).
fails() {
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "did not fail: $*"
		return 1
	fi
	grep -qE -- "$text" <<<"$out" || {
		echo "$*: '$out' has no /$text/"
		return 1
	}
}

# eventually CMD...: becomes true before the deadline.
eventually() {
	local end=$((SECONDS + DEADLINE))

	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			echo "never came true: $*"
			"$@" || true
			return 1
		fi
		sleep 0.02
	done
}

# stays CMD...: true now and for a little while.
stays() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$@" || {
			echo "true no more (look $i): $*"
			return 1
		}
		sleep 0.02
	done
}

# ---- Topologies ----------------------------------------------------------

# Not for a program in the background: "A cmd &" is a shell which waits for cmd,
# and killing that leaves cmd alive. "ip netns exec A cmd &" becomes cmd.
A() { ip netns exec A "$@"; }
B() { ip netns exec B "$@"; }
C() { ip netns exec C "$@"; }

# netns NAME...: new ones, with lo up and without IPv6's chatter, AF_TOY's own
# included: it makes link-local addresses only where a test asks for them.
netns() {
	local ns
	for ns; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		ip netns exec "$ns" sh -c \
			'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' \
			2>/dev/null || true
		[ ! -e /proc/sys/net/toy/addr_gen_mode ] || ip netns exec "$ns" \
			sh -c 'echo 1 >/proc/sys/net/toy/addr_gen_mode'
	done
}

# attach NS DEV [exclusive]: up, and the stack under test on it.
attach() {
	ip -n "$1" link set "$2" up
	[ "$FAMILY" = inet ] || ip netns exec "$1" toy dev attach "$2" ${3:+"$3"}
}

# host NS DEV ADDR/LEN [exclusive]: the stack under test, with an address.
host() {
	attach "$1" "$2" ${4:+"$4"}
	ip netns exec "$1" $S addr add "$3" dev "$2"
}

# linux_host NS DEV ADDR/LEN: Linux's own stack.
linux_host() {
	ip -n "$1" link set "$2" up
	ip -n "$1" addr add "$3" dev "$2"
}

# cable NS DEV NS DEV: plugged in at both ends, and up. Carrier comes a moment
# later, and what is sent before that is lost; a second later if both ends have
# one number, each in its namespace: such a device looks like no cable.
next_ifindex=10
cable() {
	ip -n "$1" link add "$2" index $next_ifindex type veth \
		peer name "$4" index $((next_ifindex + 1)) netns "$3"
	next_ifindex=$((next_ifindex + 2))
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
	carrier "$1" "$2"
	carrier "$3" "$4"
}

has_carrier() { ip -n "$1" link show "$2" | grep -q 'state UP'; }

carrier() {	# NS DEV
	eventually has_carrier "$1" "$2"
	# Waits for the lock under which the queue is opened.
	ip -n "$1" link set "$2" up
}

# The usual two:
#
#	A (AF_INET)                           B (family under test)
#	veth0 10.0.0.1/24  <------------->  veth1 10.0.0.2/24
pair() {
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	host B veth1 10.0.0.2/24 "$@"
}

# The stack under test at both ends.
twins() {
	netns A B
	cable A veth0 B veth1
	host A veth0 10.0.0.1/24
	host B veth1 10.0.0.2/24
}

mac_of() {	# NS DEV
	ip -n "$1" -j link show "$2" | jq -r '.[0].address'
}

# ---- Programs ------------------------------------------------------------

# Linux (A) reaches the host under test.
reaches() { A ping -c 1 -W 2 -q "${1:-10.0.0.2}" >/dev/null; }

bound() {	# NS FAMILY PORT: a UDP socket sits on the port
	if [ "$2" = toy ]; then
		ip netns exec "$1" toy -n ss -a -u | grep -qE ":$3([^0-9]|$)"
	else
		ip netns exec "$1" ss -Hnua "sport = :$3" | grep -q .
	fi
}

# echo_server NS FAMILY ADDR PORT: in the background, and ready.
echo_server() {
	ip netns exec "$1" toy-echo server "$2" "$3" "$4" >"$tmp/server.$1" 2>&1 &
	eventually bound "$1" "$2" "$4"
}

# flood DEV-OWNER-NS DEV MAC: echo requests 10.0.0.1 -> 10.0.0.2, without end.
flood() {
	ip netns exec "$1" inject -f "$2" \
		"$3 020000000f00 0800 4500001c00000000400166df0a0000010a000002 0800f7ff00000000" \
		>/dev/null 2>&1 &
	flood=$!
}

flood_ends() {
	kill "$flood" 2>/dev/null || true
	wait "$flood" 2>/dev/null || true
}

# stat_of NS NAME: a counter of AF_TOY.
stat_of() {
	ip netns exec "$1" toy -j stat "$2" | jq '.[0].value // 0'
}

counted() {	# NS NAME BEFORE: it has grown
	[ "$(stat_of "$1" "$2")" -gt "$3" ]
}

# neigh_state NS ADDR: REACHABLE ..., or "none".
neigh_state() {
	ip netns exec "$1" $S -j neigh show |
		jq -r --arg a "$2" 'first(.[] | select(.dst == $a) | .state[0]) // "none"'
}

neigh_is() { [ "$(neigh_state "$1" "$2")" = "$3" ]; }

neigh_in() {	# NS ADDR STATE...
	local state want
	state=$(neigh_state "$1" "$2")
	shift 2
	for want; do
		[ "$state" != "$want" ] || return 0
	done
	return 1
}

neigh_lladdr() {
	ip netns exec "$1" $S -j neigh show |
		jq -r --arg a "$2" 'first(.[] | select(.dst == $a) | .lladdr) // "none"'
}

# ---- The module ------------------------------------------------------------

unused() { [ "$(cat /sys/module/af_toy/refcnt)" = 0 ]; }

# For cases that unload it: it is loaded again, whatever happens. Nobody but the
# case will hold it; connections of earlier ones, without a program and in a
# namespace without a name, do until they give up: minutes.
reloadable() {
	toy_only
	[ -f "${TOY_KO:-}" ] || skip "TOY_KO does not say where the module is"
	DEADLINE=180 eventually unused
	trap 'grep -q "^af_toy " /proc/modules || insmod "$TOY_KO"' EXIT
}

loaded() { grep -q '^af_toy ' /proc/modules; }
unload() { rmmod af_toy; }
