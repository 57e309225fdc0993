#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# toy dhcp -6 (RFC 8415 18.2.6), against dnsmasq on AF_INET6:
#
#	A (AF_INET6: dnsmasq)                   B (AF_TOY)
#	veth0 fe80::a, fd00:1::1  <-------->  veth1

. "$(dirname "$0")/lib.sh"

PATH=$PATH:/usr/sbin:/sbin

knob() { B sh -c "echo $2 >/proc/sys/net/toy/$1"; }

link6() {
	toy_only
	need dnsmasq
	netns A B
	cable A veth0 B veth1
	A sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	ip -n A addr add fe80::a/64 dev veth0 nodad
	ip -n A addr add fd00:1::1/64 dev veth0 nodad
	knob addr_gen_mode 2
	knob router_solicitation_delay 0
	touch "$tmp/log"
}

# server MODE ARGS...: router and DHCPv6 server in A; its log in $tmp/log.
server() {
	local mode=$1

	shift
	ip netns exec A dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 \
		--user=root --pid-file= --interface=veth0 --bind-interfaces \
		--enable-ra --ra-param="veth0,4,${lifetime:-900}" --dhcp-range="fd00:1::,$mode" \
		--dhcp-leasefile="$tmp/leases" --log-dhcp \
		--log-facility="$tmp/log" "$@" >"$tmp/out" 2>&1 &
	server=$!
}

no_server() {
	kill "$server"
	wait "$server" || true
}

dns=--dhcp-option=option6:dns-server
search=--dhcp-option=option6:domain-search
refresh=--dhcp-option=option6:information-refresh-time

# ra FLAGS: an advertisement by hand
ra() {
	A icmp6-send veth0 33:33:00:00:00:01 fe80::a ff02::1 255 \
		"86000000 40${1}0708 00000000 00000000"
}

# In the background; the process that is to be killed is the program's, not a
# subshell's.
client() {
	(exec ip netns exec B toy dhcp -6 veth1 --resolv "$tmp/resolv" \
		>"$tmp/client" 2>&1) &
	client=$!
}

ends() {
	kill -TERM "$client"
	wait "$client"
}

resolv_has() { grep -q "$1" "$tmp/resolv" 2>/dev/null; }
said() { grep -qE "$1" "$tmp/client"; }
requests() { grep -c 'DHCPINFORMATION-REQUEST(veth0)' "$tmp/log" || true; }
asked() { [ "$(requests)" -ge "$1" ]; }
sent() { [ "$(stat_of B UdpOutDatagrams)" -ge "$1" ]; }
running() { B toy -n ss -aun | grep -q ':546'; }
# AF_INET6 in B has never had anything.
inet_untouched() { is "$(ip -n B -6 addr show dev veth1)" ''; }

test_stateless() {
	link6
	server ra-stateless,64,1h "$dns,[fd00:1::53],[fd00:1::54]" \
		"$search,toy.test,inner.toy.test"
	B toy dhcp -6 veth1 -1 --resolv "$tmp/resolv" 2>"$tmp/client"
	is "$(cat "$tmp/resolv")" '# by DHCPv6 on veth1 (toy dhcp)
search toy.test inner.toy.test
nameserver fd00:1::53
nameserver fd00:1::54'
	said 'veth1 has name servers fd00:1::53 fd00:1::54, search toy\.test'
	said 'for 3600 seconds'
	# Who asks is AF_TOY (RFC 8415 11.5), and it asks for no address.
	grep -q 'INFORMATION-REQUEST(veth0) 00:04:61:66:5f:74:6f:79:80:00:80:00:' "$tmp/log"
	grep -qi "INFORMATION-REQUEST.*$(mac_of B veth1)" "$tmp/log"
	not grep -qE 'DHCP(SOLICIT|REQUEST)' "$tmp/log"
	inet_untouched
	# Nothing is left, not even a socket.
	not running
	fails 'no toy dhcp -6 -d' B toy dhcp -6 veth1 -x
}

# Who asks for it need not be a default router.
test_no_default_router() {
	link6
	lifetime=0 server ra-stateless,64,1h "$dns,[fd00:1::53]"
	B toy dhcp -6 veth1 -1 --resolv "$tmp/resolv"
	resolv_has '^nameserver fd00:1::53'
	has "$(B toy ra)" '^router .* other.* nodefault'
	not grep -q '^default' <(B toy -6 route)
	# It becomes one, and is one no more.
	no_server
	ra 40
	eventually bash -c 'ip netns exec B toy -6 route | grep -q ^default'
	A icmp6-send veth0 33:33:00:00:00:01 fe80::a ff02::1 255 \
		"86000000 40400000 00000000 00000000"
	eventually bash -c '! ip netns exec B toy -6 route | grep -q ^default'
	has "$(B toy ra)" '^router .* other.* nodefault'
	A icmp6-send veth0 33:33:00:00:00:01 fe80::a ff02::1 255 \
		"86000000 40000000 00000000 00000000"
	eventually bash -c '! ip netns exec B toy ra | grep -q ^router'
}

# "managed" asks for DHCPv6, too; other things are all that is taken of it.
test_managed() {
	link6
	server fd00:1::10,64,1h "$dns,[fd00:1::53]"
	B toy -6 dhcp dev veth1 -1 --resolv "$tmp/resolv"
	B toy ra | grep -q '^router .* managed'
	resolv_has '^nameserver fd00:1::53'
	not grep -qE 'DHCP(SOLICIT|REQUEST)' "$tmp/log"
	is "$(B toy -j addr | jq -r '.[] | select(.local | startswith("fd00:1::1")) | .local')" ''
}

# The flag is off: nothing is asked.
test_no_flag() {
	link6
	server ra-only,64,1h
	fails 'no router says that there is DHCPv6' \
		timeout 60 ip netns exec B toy dhcp -6 veth1 -1
	is "$(stat_of B UdpOutDatagrams)" 0

	# It waits, and asks once a router says so.
	client
	eventually said 'no router says'
	is "$(stat_of B UdpOutDatagrams)" 0
	no_server		# whose next word would be another one
	ra 40
	eventually sent 1
	ends
	is "$(B toy -j ra | jq '[.[] | select(.kind == "router" and .other)] | length')" 1
}

test_no_router() {
	link6
	fails 'no router advertises' \
		timeout 60 ip netns exec B toy dhcp -6 veth1 -1
	is "$(stat_of B UdpOutDatagrams)" 0
}

test_no_server() {
	link6
	attach B veth1
	ra 40
	fails 'no DHCPv6 server answers' \
		timeout 60 ip netns exec B toy dhcp -6 veth1 -1
	# RFC 8415 15: after 0, 1, 3, 7 seconds, and no more until 15 are over.
	sent 4
	not sent 6
}

# RFC 8415 21.23, with another minimum than ten minutes.
test_refresh() {
	link6
	server ra-stateless,64,1h "$dns,[fd00:1::53]" "$refresh,1"
	TOY_DHCP_IRT_MINIMUM=2 client
	eventually resolv_has fd00:1::53
	eventually said 'for 2 seconds'
	eventually asked 3
	not said 'no DHCPv6 server'
	ends
}

# By the RFC's minimum nothing is asked again, but by hand.
test_usr1() {
	link6
	server ra-stateless,64,1h "$dns,[fd00:1::53]" "$refresh,1"
	client
	eventually resolv_has fd00:1::53
	eventually said 'for 600 seconds'
	sleep 3
	is "$(requests)" 1
	no_server
	server ra-stateless,64,1h "$dns,[fd00:1::54]"
	kill -USR1 "$client"
	eventually resolv_has fd00:1::54
	not resolv_has fd00:1::53
	ends
	# The end of the client is not the end of what it has learnt.
	resolv_has fd00:1::54
}

# No server at first: it is asked until it is there. A server that goes takes
# nothing away.
test_server_away() {
	link6
	attach B veth1
	ra 40
	client
	eventually sent 3
	server ra-stateless,64,1h "$dns,[fd00:1::53]"
	eventually resolv_has fd00:1::53
	no_server
	kill -USR1 "$client"
	eventually sent 6
	resolv_has fd00:1::53
	server ra-stateless,64,1h "$dns,[fd00:1::54]"
	eventually resolv_has fd00:1::54
	ends
}

# RFC 8415 18.2.12: the cable was out.
test_new_link() {
	link6
	server ra-stateless,64,1h "$dns,[fd00:1::53]"
	client
	eventually asked 1
	eventually resolv_has fd00:1::53
	ip -n A link set veth0 down
	ip -n A link set veth0 up
	ip -n A addr add fe80::a/64 dev veth0 nodad || true
	ip -n A addr add fd00:1::1/64 dev veth0 nodad || true
	eventually asked 2
	ends

	client
	eventually asked 3
	ip -n B link del veth1
	gone() { ! kill -0 "$client" 2>/dev/null; }
	eventually gone
	said 'veth1 is gone'
}

test_background() {
	link6
	server ra-stateless,64,1h "$dns,[fe80::a]"
	B toy dhcp -6 veth1 -d --resolv "$tmp/resolv"
	is "$(grep -v '^#' "$tmp/resolv")" 'nameserver fe80::a%veth1'
	fails 'runs on veth1 already' B toy dhcp -6 veth1 -d
	pgrep -f 'dhcp -6 veth1 -d' >/dev/null
	B toy dhcp -6 veth1 -x
	not pgrep -f 'dhcp -6 veth1 -d'
	fails 'no toy dhcp -6 -d' B toy dhcp -6 veth1 -x
}

# Nobody to ask yet: it goes to the background all the same.
test_background_waits() {
	link6
	attach B veth1
	ra 00
	B toy dhcp -6 veth1 -d --resolv "$tmp/resolv" 2>"$tmp/client"
	said 'no router says that there is DHCPv6'
	server ra-stateless,64,1h "$dns,[fd00:1::53]"
	eventually resolv_has fd00:1::53
	B toy dhcp -6 veth1 -x
	fails 'no toy dhcp -6 -d' B toy dhcp -6 veth1 -x
}

# A client at rest holds nothing of the module, and ends when it finds another one.
test_unload() {
	reloadable
	link6
	server ra-stateless,64,1h "$dns,[fd00:1::53]"
	client
	eventually resolv_has fd00:1::53
	eventually unload
	insmod "$TOY_KO"
	kill -USR1 "$client"
	gone() { ! kill -0 "$client" 2>/dev/null; }
	eventually gone
	resolv_has fd00:1::53
}

# An exclusive device has the server's answers, too; and both protocols at once.
test_exclusive() {
	link6
	attach B veth1 exclusive
	server ra-stateless,64,1h "$dns,[fd00:1::53]"
	B toy dhcp -6 veth1 -1 --resolv "$tmp/resolv"
	resolv_has fd00:1::53
	fails 'three ways' B toy dhcp -6 veth1 -1 -x
	fails 'no device' B toy dhcp -6 nosuch -1
}

# A server that is wrong in every way, and right when asked for the fourth time.
test_wrong_replies() {
	need python3
	link6
	attach B veth1
	ra 40
	cat >"$tmp/server.py" <<-'EOF'
	import socket, struct, sys
	s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
	dev = socket.if_nametoindex("veth0")
	s.bind(("::", 547))
	s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
	             socket.inet_pton(socket.AF_INET6, "ff02::1:2") + struct.pack("I", dev))
	opt = lambda code, data: struct.pack("!HH", code, len(data)) + data
	server = opt(2, bytes.fromhex("00030001020000000001"))
	bad = opt(23, socket.inet_pton(socket.AF_INET6, "fd00:bad::1"))
	good = opt(23, socket.inet_pton(socket.AF_INET6, "fd00:1::53"))
	names = [b"\xc0\x00", b"\x03toy\xc0\x04", b"\x40", b"\x3ftoy", b"\x03toy", b""]
	for n in range(1, 100):
	    q, who = s.recvfrom(4096)
	    print(q.hex(), who[1], flush=True)
	    xid, client = q[1:4], q[4:26]
	    head = b"\x07" + xid + client + server
	    wrong = [b"", q, b"\x07", head[:4], b"\x02" + head[1:] + bad,
	             b"\x07" + bytes([xid[0] ^ 1]) + xid[1:] + client + server + bad,
	             b"\x07" + xid + client + bad, b"\x07" + xid + server + bad,
	             b"\x07" + xid + client[:-1] + bytes([client[-1] ^ 1]) + server + bad,
	             head + opt(13, b"\x00\x01no") + bad,
	             head + bad + b"\x00\x17\xff\xff\xfd", head + bad + b"\x00\x18\x00",
	             head + bad + opt(23, b"\xfd" * 15), head + bad + opt(32, b"\x00"),
	             head + bad + b"\x00" * 5000]
	    wrong += [head + bad + opt(24, name) for name in names]
	    for w in wrong:
	        s.sendto(w, who)
	    if n >= 4:
	        s.sendto(head + good + opt(24, b"\x05a\nb c\x00\x03toy\x00"), who)
	EOF
	ip netns exec A python3 "$tmp/server.py" >"$tmp/asked" 2>&1 &
	eventually bound A inet 547
	client
	eventually resolv_has fd00:1::53
	is "$(grep -v '^#' "$tmp/resolv")" 'search toy
nameserver fd00:1::53'
	not said bad
	is "$(wc -l <"$tmp/asked")" 4
	# From port 546, with one transaction ID, and time that goes by.
	is "$(cut -d' ' -f2 "$tmp/asked" | sort -u)" 546
	is "$(cut -c1-8 "$tmp/asked" | sort -u | wc -l)" 1
	is "$(cut -d' ' -f1 "$tmp/asked" | grep -o '....$' | sort -u | wc -l)" 4
	is "$(head -n 1 "$tmp/asked" | cut -d' ' -f1 | grep -o '....$')" 0000
	has "$(cat "$tmp/asked")" '^0b......00010012000461665f746f79' \
		'0006000800170018002000530008'
	ends
}

run_cases "$@"
