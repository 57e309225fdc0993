#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# toy dhcp and toy resolve, against dnsmasq on AF_INET:
#
#	A (AF_INET, dnsmasq)                  B (AF_TOY)
#	veth0 10.0.0.1/24  <------------->  veth1 by DHCP

. "$(dirname "$0")/lib.sh"

PATH=$PATH:/usr/sbin:/sbin

# server ARGS...: dnsmasq in A; its log in $tmp/log.
server() {
	toy_only
	need dnsmasq
	need busybox
	netns A B
	cable A veth0 B veth1
	linux_host A veth0 10.0.0.1/24
	A dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--user=root --pid-file= --interface=veth0 --bind-interfaces \
		--log-dhcp --log-facility="$tmp/log" --no-ping \
		--dhcp-leasefile="$tmp/leases" --dhcp-authoritative \
		--dhcp-range=10.0.0.50,10.0.0.59,255.255.255.0,120s \
		--domain=toy.test --local=/test/ --address=/host.test/10.0.0.9 \
		--address=/host.test/2001:db8::9 --cname=alias.test,plain.test \
		--host-record=plain.test,10.0.0.8 --mx-host=toy.test,plain.test,10 \
		--txt-record=toy.test,"some text" "$@" &
	eventually bound A inet 53
	touch "$tmp/log"
}

addresses() { B toy -j addr show dev veth1 | jq -r '.[].local'; }
has_lease() { [[ $(addresses) == 10.0.0.5? ]]; }
no_lease() { [ -z "$(addresses)" ]; }
logged() { grep -q "$1" "$tmp/log"; }
# AF_INET in B has never had anything.
inet_untouched() { is "$(ip -n B -4 addr show dev veth1)" ''; }

client() {	# ARGS...
	# The process that is to be killed is the program's, not a subshell's.
	(exec ip netns exec B toy dhcp veth1 "$@" >"$tmp/client" 2>&1) &
	client=$!
	eventually has_lease || { cat "$tmp/client" "$tmp/log"; return 1; }
}

test_lease() {
	server --dhcp-option=26,1400
	client --resolv "$tmp/resolv"
	has "$(B toy route)" '^default via 10\.0\.0\.1 dev veth1 .*mtu 1400' \
		'^10\.0\.0\.0/24 dev veth1 .*mtu 1400'
	has "$(cat "$tmp/resolv")" '^nameserver 10\.0\.0\.1' '^search toy\.test'
	has "$(cat "$tmp/client")" 'veth1 has 10\.0\.0\.5./24, router 10\.0\.0\.1'
	inet_untouched
	eventually reaches "$(addresses)"

	# The end: released, and nothing is left.
	kill -TERM $client
	wait $client
	eventually logged 'DHCPRELEASE(veth0) 10\.0\.0\.5'
	no_lease
	is "$(B toy route)" ''
	inet_untouched
	not pgrep -f 'udhcpc -i veth1'
}

# Renewed by unicast from the address itself, which only AF_TOY has.
test_renew() {
	local ip

	server
	client
	ip=$(addresses)
	: >"$tmp/log"
	pkill -USR1 -f 'udhcpc -i veth1'
	eventually logged "DHCPACK(veth0) $ip"
	not logged DHCPDISCOVER
	is "$(addresses)" "$ip"
	# The server was asked, and AF_TOY's UDP asked it.
	[ "$(stat_of B UdpOutDatagrams)" -ge 1 ]
	kill $client
	wait $client
}

# What the server takes away is gone; what it gives instead is there.
test_server_changes_its_mind() {
	local ip

	server
	client
	ip=$(addresses)
	B toy route add 10.77.0.0/16 via 10.0.0.1
	pkill dnsmasq
	sleep 0.3
	rm -f "$tmp/leases"
	A dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--user=root --pid-file= --interface=veth0 --bind-interfaces --no-ping \
		--dhcp-leasefile="$tmp/leases" --dhcp-authoritative \
		--dhcp-range=10.0.0.90,10.0.0.99,255.255.255.0,120s &
	eventually bound A inet 67
	pkill -USR1 -f 'udhcpc -i veth1'
	changed() { [[ $(addresses) == 10.0.0.9? ]]; }
	eventually changed
	is "$(addresses | wc -l)" 1
	kill $client
	wait $client
}

# RFC 3442: classless routes instead of the router.
test_static_routes() {
	server --dhcp-option=121,10.5.0.0/16,10.0.0.7,0.0.0.0/0,10.0.0.1
	client
	has "$(B toy route)" '^10\.5\.0\.0/16 via 10\.0\.0\.7 dev veth1' \
		'^default via 10\.0\.0\.1'
	kill $client
	wait $client
	is "$(B toy route)" ''
}

test_once() {
	server
	B toy dhcp veth1 -1 >"$tmp/client" 2>&1
	has_lease
	not pgrep -f 'udhcpc -i veth1'
	not logged DHCPRELEASE
}

test_background() {
	server
	B toy dhcp veth1 -d
	has_lease
	pgrep -f 'udhcpc -i veth1' >/dev/null
	B toy dhcp veth1 -x
	eventually logged DHCPRELEASE
	no_lease
	not pgrep -f 'udhcpc -i veth1'
	fails 'no toy dhcp -d runs' B toy dhcp veth1 -x
}

test_no_server() {
	toy_only
	need busybox
	netns A B
	cable A veth0 B veth1
	fails 'no lease|No lease|lease failed|no DHCP server' \
		timeout 60 ip netns exec B toy dhcp veth1 -1
	no_lease
}

test_refusals() {
	toy_only
	netns B
	ip -n B link add veth1 type dummy
	ip -n B link set veth1 up
	B toy dev attach veth1 exclusive
	fails 'exclusively' B toy dhcp veth1 -1
	fails 'no device' B toy dhcp nosuch -1
	fails 'three ways' B toy dhcp veth1 -1 -d
}

# Two stacks of one host are two clients.
test_beside_inet() {
	local inet

	server
	client
	inet=$(B busybox udhcpc -i veth1 -f -q -n -s /bin/true 2>&1 |
		sed -n 's/.*lease of \([0-9.]*\) obtained.*/\1/p')
	has "$inet" '^10\.0\.0\.'
	[ "$inet" != "$(addresses)" ]
	kill $client
	wait $client
}

# ---- toy resolve ----------------------------------------------------------------

test_resolve() {
	server
	host B veth1 10.0.0.2/24
	echo 'nameserver 10.0.0.1' >"$tmp/resolv"
	mount --bind "$tmp/resolv" /etc/resolv.conf
	is "$(B toy resolve host.test)" 'host.test 0 A 10.0.0.9
host.test 0 AAAA 2001:db8::9'
	has "$(B toy resolve alias.test -t A)" 'alias\.test .* CNAME plain\.test' \
		'plain\.test .* A 10\.0\.0\.8'
	has "$(B toy resolve toy.test -t MX)" 'MX 10 plain\.test'
	has "$(B toy resolve toy.test -t txt)" 'TXT some text'
	has "$(B toy resolve 10.0.0.8)" 'PTR plain\.test'
	is "$(B toy -j resolve host.test -t A | jq -r '.[0].data')" 10.0.0.9
	has "$(B toy resolve host.test server 10.0.0.1)" '10\.0\.0\.9'
	fails 'not found|Domain name' B toy resolve nosuch.test.
	fails 'is no type' B toy resolve host.test -t NONSENSE
	[ "$(stat_of B UdpInDatagrams)" -ge 8 ]
}

run_cases "$@"
