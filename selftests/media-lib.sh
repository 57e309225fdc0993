# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What media.sh and lowpan.sh share: traffic of all kinds between A
# (AF_INET) and B (family under test), over whatever device. Source after lib.sh
# and toyrun-lib.sh.

BULK=1000000

link() {	# NS ARGS...: ip link add; skip if this kernel has no such type
	local ns=$1 out
	shift
	out=$(ip -n "$ns" link add "$@" 2>&1) && return 0
	case $out in
	*"Unknown device type"* | *"not supported"*) skip "$out" ;;
	esac
	echo "$out"
	return 1
}

ipv6() { ip netns exec "$1" sh -c "echo 0 >/proc/sys/net/ipv6/conf/$2/disable_ipv6"; }

# The cable, and where there is a tunnel what that runs on.
two_hosts() {
	netns A B
	cable A veth0 B veth1
}

tunnel_hosts() {
	two_hosts
	linux_host A veth0 10.9.0.1/24
	linux_host B veth1 10.9.0.2/24
}

# ---- What every device must do ---------------------------------------------------

a_end() {	# DEV
	ip -n A link set "$1" up
	ipv6 A "$1"
	ip -n A addr replace 10.0.0.1/24 dev "$1"
	ip -n A addr replace fd00::1/64 dev "$1" nodad
}

b_end() {	# DEV
	attach B "$1" "${HOOK:-shared}"
	[ "$FAMILY" = toy ] || ipv6 B "$1"
	B $S addr add 10.0.0.2/24 dev "$1"
	B $S addr add fd00::2/64 dev "$1" nodad
}

reaches6() { A ping -6 -c 1 -W 2 -q fd00::2 >/dev/null; }
both_reach() { reaches && reaches6; }
silent() { ! reaches && ! reaches6; }

ping_group() {
	local knobs=ipv4
	[ "$FAMILY" = inet ] || knobs=toy
	B sh -c "echo '0 2147483647' >/proc/sys/net/$knobs/ping_group_range"
}

# What ping(8) says about options that it can do without is not the point.
quiet_ping() { R ping "$@" >"$tmp/ping" 2>&1; }

# pings MTU: without fragments up to the MTU and no further; with them beyond.
pings() {
	local size

	for size in 0 1 57 512 $(($1 - 29)) $(($1 - 28)); do
		A ping -c 1 -W 5 -q -M do -s $size 10.0.0.2 >/dev/null ||
			{ echo "10.0.0.2: lost at $size"; return 1; }
	done
	for size in 0 1 57 512 $(($1 - 49)) $(($1 - 48)); do
		A ping -6 -c 1 -W 5 -q -M do -s $size fd00::2 >/dev/null ||
			{ echo "fd00::2: lost at $size"; return 1; }
	done
	A ping -c 1 -W 5 -q -s 5000 10.0.0.2 >/dev/null
	A ping -6 -c 1 -W 5 -q -s 5000 fd00::2 >/dev/null
	quiet_ping -c 1 -W 5 -q -s $(($1 - 28)) 10.0.0.1
	quiet_ping -c 1 -W 5 -q -s 5000 10.0.0.1
}

udp() {		# MTU
	echo_server B "$FAMILY" 10.0.0.2 7
	has "$(A toy-echo client inet 10.0.0.2 7 -S 0..100)" '101 echoed, 0 bad'
	has "$(A toy-echo client inet 10.0.0.2 7 -S $(($1 - 40))..$(($1 - 28)))" ' 0 bad'
	echo_server A inet 10.0.0.1 7
	has "$(B toy-echo client "$FAMILY" 10.0.0.1 7 -S 0..100)" '101 echoed, 0 bad'
	has "$(B toy-echo client "$FAMILY" 10.0.0.1 7 -S $(($1 - 40))..$(($1 - 28)))" ' 0 bad'
}

listening() {	# NS FAMILY
	if [ "$2" = toy ]; then
		ip netns exec "$1" toy -n ss -l -t | grep -qE ":7007([^0-9]|$)"
	else
		ip netns exec "$1" ss -Hntl "sport = :7007" | grep -q .
	fi
}

tcp() {		# FROM-NS FAMILY TO-NS FAMILY ADDR
	local pid

	ip netns exec "$3" tcp-bulk sink "$4" "$5" 7007 1 >"$tmp/sink" 2>&1 &
	pid=$!
	eventually listening "$3" "$4"
	timeout 100 ip netns exec "$1" tcp-bulk send "$2" "$5" 7007 $BULK &&
		wait $pid || { cat "$tmp/sink"; return 1; }
}

# UDP and TCP over IPv6, by an ordinary program.
cat_py() {
	cat >"$tmp/six.py" <<-'END'
		import hashlib, socket, sys
		role, addr = sys.argv[1:3]
		data = hashlib.shake_128(b"media").digest(1000000)
		def udp():
		    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		    s.settimeout(20)
		    return s
		if role == "serve":
		    u, t = udp(), socket.socket(socket.AF_INET6)
		    u.bind((addr, 7006))
		    t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    t.bind((addr, 7006))
		    t.listen()
		    t.settimeout(30)
		    print("ready", flush=True)
		    c, _ = t.accept()
		    got = bytearray()
		    while part := c.recv(1 << 16):
		        got += part
		    assert got == data, (len(got), len(data))
		    c.sendall(data)
		    c.close()
		    for i in range(4):
		        part, who = u.recvfrom(1 << 16)
		        u.sendto(part, who)
		else:
		    c = socket.create_connection((addr, 7006), 30)
		    c.sendall(data)
		    c.shutdown(socket.SHUT_WR)
		    got = bytearray()
		    while part := c.recv(1 << 16):
		        got += part
		    assert got == data, (len(got), len(data))
		    u = udp()
		    u.connect((addr, 7006))
		    for n in 0, 1, 1000, 4000:
		        u.send(data[:n])
		        assert u.recv(1 << 16) == data[:n], n
	END
}

stack() {	# NS CMD...
	if [ "$1" = A ]; then
		A "${@:2}"
	else
		R "${@:2}"
	fi
}

six() {		# SERVER-NS ADDR [CLIENT-NS]
	local pid other=B
	[ "$1" = A ] || other=${3:-A}

	cat_py
	: >"$tmp/six"
	stack "$1" python3 "$tmp/six.py" serve "$2" >"$tmp/six" 2>&1 &
	pid=$!
	eventually grep -q ready "$tmp/six" || { cat "$tmp/six"; return 1; }
	stack "$other" timeout 60 python3 "$tmp/six.py" client "$2" && wait $pid ||
		{ cat "$tmp/six"; return 1; }
}

set_mtu() {	# DEV-A DEV-B MTU
	ip -n A link set "$1" mtu "$3"
	ip -n B link set "$2" mtu "$3"
}

mtu_of() { ip -n "$1" -j link show "$2" | jq '.[0].mtu'; }

# A link that gets smaller: both ends keep to it, streams and datagrams too.
smaller() {	# DEV-A DEV-B
	set_mtu "$1" "$2" 1300
	# AF_INET6 drops and makes its routes again; AF_TOY follows too.
	eventually both_reach
	A ping -c 1 -W 5 -q -M do -s 1272 10.0.0.2 >/dev/null
	fails 'too long|Frag' A ping -c 1 -W 5 -M do -s 1273 10.0.0.2
	quiet_ping -c 1 -W 5 -q -M do -s 1272 10.0.0.1
	fails 'too long|Frag' R ping -c 1 -W 5 -M do -s 1273 10.0.0.1
	tcp B "$FAMILY" A inet 10.0.0.1
}

attached() { B toy -j dev show | jq -e --arg d "$1" 'any(.[]; .ifname == $d and .hook != null and .hook != "none")' >/dev/null; }

again() {	# DEV-B
	[ "$FAMILY" = toy ] || return 0
	attached "$1"
	B toy dev detach "$1"
	silent
	b_end "$1"
	eventually both_reach
}

# Traffic both ways while the device goes.
ends() {	# DEV-A DEV-B
	local ping

	A ping -f -q 10.0.0.2 >/dev/null 2>&1 &
	ping=$!
	A ping -6 -f -q fd00::2 >/dev/null 2>&1 &
	B tcp-bulk sink "$FAMILY" 10.0.0.2 7007 1 >/dev/null 2>&1 &
	eventually listening B "$FAMILY"
	A tcp-bulk send inet 10.0.0.2 7007 1000000000 >/dev/null 2>&1 &
	sleep 0.3
	kill -0 $ping
	ip -n B link del "$2"
	[ "$FAMILY" = inet ] || not attached "$2"
	is "$(B $S -j addr show | jq '[.. | .local? | select(. == "10.0.0.2" or . == "fd00::2")] | length')" 0
	kill %% "$ping" 2>/dev/null || true
}

# meet DEV-A DEV-B
meet() {
	local mtu

	a_end "$1"
	b_end "$2"
	eventually both_reach
	ping_group
	mtu=$(mtu_of B "$2")
	pings "$mtu"
	udp "$mtu"
	tcp A inet B "$FAMILY" 10.0.0.2
	tcp B "$FAMILY" A inet 10.0.0.1
	six A fd00::1
	six B fd00::2
	smaller "$1" "$2"
	again "$2"
	[ ! "${EXCLUSIVE:-}" ] || exclusively "$2"
	ends "$1" "$2"
}

# Where the hook is there to be had.
exclusively() {	# DEV-B
	[ "$FAMILY" = toy ] || return 0
	B toy dev detach "$1"
	HOOK=exclusive b_end "$1"
	eventually both_reach
	tcp A inet B toy 10.0.0.2
	six A fd00::1
	B toy dev detach "$1"
	b_end "$1"
	eventually both_reach
}
