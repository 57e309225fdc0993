#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Router discovery (RFC 4861 6.3) and stateless autoconfiguration (RFC 4862): a
# router of Linux's gives AF_TOY addresses, routes and more, and takes them away
# again; what strangers can make us hold is bounded.
#
#	A (radvd, dnsmasq)                      B (AF_TOY)
#	veth0 fe80::a, fd00:1::1  <-------->  veth1

. "$(dirname "$0")/lib.sh"

knob() { B sh -c "echo $2 >/proc/sys/net/toy/$1"; }

link6() {
	toy_only
	netns A B
	cable A veth0 B veth1
	A sh -c 'echo 0 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	ip -n A addr add fe80::a/64 dev veth0 nodad
	ip -n A addr add fd00:1::1/64 dev veth0 nodad
	ip -n A addr add 2001:db8:9::9/128 dev lo nodad
	knob addr_gen_mode 2
	knob router_solicitation_delay 0
	attach B veth1
}

ra_has() { B toy -j ra | jq -e "$1" >/dev/null; }
addr_in() {	# PREFIX: an address that a router has given
	B toy -j addr show dev veth1 | jq -e --arg p "$1" \
		'[.[] | select((.local | startswith($p)) and .autoconf == true)] | length == 1' >/dev/null
}
no_addr_in() { ! addr_in "$1"; }
the_addr_in() {
	B toy -j addr show dev veth1 | jq -r --arg p "$1" \
		'[.[] | select(.local | startswith($p)) | .local][0]'
}
default_via() {
	B toy -j -6 route | jq -e --arg g "$1" \
		'[.[] | select(.dst == "default" and .gateway == $g)] | length == 1' >/dev/null
}
no_default() { B toy -j -6 route | jq -e '[.[] | select(.dst == "default")] | length == 0' >/dev/null; }
onlink() {
	B toy -j -6 route | jq -e --arg d "$1" '[.[] | select(.dst == $d and .gateway == null)] | length == 1' >/dev/null
}
off_link() { ! onlink "$1"; }

# radvd_on: the configuration stands on standard input
radvd_on() {
	cat >"$tmp/radvd.conf"
	A radvd -n -C "$tmp/radvd.conf" -p "$tmp/radvd.pid" -m stderr >"$tmp/radvd.log" 2>&1 &
}

# ra LIFETIME OPTIONS [SADDR]: an advertisement by hand
hex16() { printf '%04x' "$1"; }
hex32() { printf '%08x' "$1"; }
ra() {
	A icmp6-send veth0 33:33:00:00:00:01 "${3:-fe80::a}" ff02::1 255 \
		"86000000 4000$(hex16 "$1") 00000000 00000000 $2"
}
# prefix HEX64 VALID PREFERRED [FLAGS]: option of a /64
prefix() { echo "030440${4:-c0}$(hex32 "$2")$(hex32 "$3")00000000${1}0000000000000000"; }
p1=fd00000100000000
p2=fd00000200000000

test_radvd() {
	need radvd
	link6
	radvd_on <<-EOF
	interface veth0 {
		AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;
		AdvDefaultLifetime 600; AdvCurHopLimit 77; AdvLinkMTU 1400;
		AdvManagedFlag off; AdvOtherConfigFlag on;
		AdvDefaultPreference high; AdvReachableTime 20000; AdvRetransTimer 500;
		prefix fd00:1::/64 { AdvValidLifetime 3600; AdvPreferredLifetime 1800; };
		route 2001:db8:77::/48 { AdvRouteLifetime 300; };
		RDNSS fd00:1::53 { AdvRDNSSLifetime 500; };
		DNSSL example.lan { AdvDNSSLLifetime 500; };
	};
	EOF
	eventually addr_in fd00:1:
	eventually default_via fe80::a
	onlink fd00:1::/64
	ra_has '[.[] | select(.kind == "router" and .address == "fe80::a" and .preference == "high" and .other == true and .mtu == 1400 and .hop_limit == 77 and .reachable_ms == 20000 and .retrans_ms == 500)] | length == 1'
	ra_has '[.[] | select(.kind == "prefix" and .dst == "fd00:1::/64" and .onlink == true and .auto == true)] | length == 1'
	ra_has '[.[] | select(.kind == "route" and .dst == "2001:db8:77::/48")] | length == 1'
	ra_has '[.[] | select(.kind == "dns" and .address == "fd00:1::53")] | length == 1'
	ra_has '[.[] | select(.kind == "search" and .name == "example.lan")] | length == 1'
	# Both ways, through the default route.
	eventually A ping -6 -c 1 -W 1 -q "$(the_addr_in fd00:1:)"
	eventually A ping -6 -c 1 -W 1 -q -I 2001:db8:9::9 "$(the_addr_in fd00:1:)"
}

test_dnsmasq() {
	need dnsmasq
	link6
	A dnsmasq -k -C /dev/null -p 0 --enable-ra --user=root --pid-file="$tmp/dnsmasq.pid" \
		--interface=veth0 --bind-interfaces --dhcp-range=fd00:1::,ra-only,64,1h \
		--ra-param=veth0,4,900 --dhcp-leasefile="$tmp/leases" \
		--log-facility="$tmp/dnsmasq.log" >"$tmp/dnsmasq.out" 2>&1 &
	eventually addr_in fd00:1:
	eventually default_via fe80::a
	eventually A ping -6 -c 1 -W 1 -q "$(the_addr_in fd00:1:)"
}

# 6.3.7: whoever comes up asks; and asks no more when it was answered.
test_solicitation() {
	link6
	eventually counted B Icmp6OutRouterSolicits 0
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually default_via fe80::a
}

test_lifetimes() {
	link6
	ra 2 "$(prefix $p1 3 1)"
	eventually addr_in fd00:1:
	eventually default_via fe80::a
	deprecated() { B toy -j addr | jq -e '[.[] | select(.deprecated == true)] | length == 1' >/dev/null; }
	eventually deprecated
	eventually no_default
	eventually no_addr_in fd00:1:
	eventually off_link fd00:1::/64
	is "$(B toy -j ra)" '[]'
}

# 5.5.3 e: a forged lifetime of 0 leaves two hours.
test_two_hours() {
	link6
	ra 1800 "$(prefix $p1 86400 86400)"
	eventually addr_in fd00:1:
	ra 1800 "$(prefix $p1 1 0)"
	shortened() { B toy -j addr | jq -e '[.[] | select(.autoconf == true and .valid_life_time > 7190 and .valid_life_time <= 7200)] | length == 1' >/dev/null; }
	eventually shortened
}

test_router_goes() {
	link6
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually default_via fe80::a
	ra 0 ''
	eventually no_default
	addr_in fd00:1:			# its prefix is not the router's
	onlink fd00:1::/64
}

# RFC 4191: the better one is used, the other one is there.
test_two_routers() {
	link6
	A icmp6-send veth0 33:33:00:00:00:01 fe80::b ff02::1 255 "86000000 40180708 00000000 00000000"
	ra 1800 ''
	metrics() { B toy -j -6 route | jq -r '[.[] | select(.dst == "default") | .metric] | join(" ")'; }
	both() { [ "$(metrics)" = '1024 1025' ]; }
	eventually both
}

# Not for a /64: no identifier of ours fits; and others' business.
test_odd_prefixes() {
	local before
	link6
	ra 1800 "030438c000000e1000000e1000000000${p2}0000000000000000"
	eventually onlink fd00:2::/56
	no_addr_in fd00:2:
	before=$(stat_of B DropNdPrefix)
	ra 1800 "030481c000000e1000000e1000000000${p2}0000000000000000"	# /129
	ra 1800 "$(prefix $p2 100 200)"					# preferred > valid
	ra 1800 "$(prefix fe80000000000000 3600 3600)"			# link-local
	eventually counted B DropNdPrefix $((before + 2))
	no_addr_in fd00:2:
}

test_knobs() {
	link6
	knob accept_ra 0
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually counted B DropNdIgnored 0
	no_default
	knob accept_ra 1
	knob autoconf 0
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually default_via fe80::a
	no_addr_in fd00:1:
	onlink fd00:1::/64
}

test_bad_sources() {
	link6
	ra 1800 "$(prefix $p2 3600 1800)" fd00:1::1
	eventually counted B DropNdSource 0
	A icmp6-send veth0 33:33:00:00:00:01 fe80::a ff02::1 64 "86000000 40000708 00000000 00000000"
	eventually counted B DropNdHopLimit 0
	no_default
	no_addr_in fd00:2:
}

# Another host has the address that would be ours: the next one is taken.
test_conflict_takes_another() {
	local first
	link6
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually addr_in fd00:1:
	first=$(the_addr_in fd00:1:)
	B toy dev detach veth1
	ip -n A addr add "$first/64" dev veth0 nodad
	B toy dev attach veth1
	ra 1800 "$(prefix $p1 3600 1800)"
	other() { addr_in fd00:1: && [ "$(the_addr_in fd00:1:)" != "$first" ]; }
	eventually other
}

test_device_down_forgets() {
	link6
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually addr_in fd00:1:
	ip -n B link set veth1 down
	no_addr_in fd00:1:
	is "$(B toy -j ra)" '[]'
	no_default
}

# Strangers: routers, prefixes and servers without end. All of it is bounded,
# and a friend is served meanwhile.
test_flood() {
	link6
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually addr_in fd00:1:
	knob ra_max_prefixes 8
	A icmp6-send -n 500 -s veth0 33:33:00:00:00:01 fe80::9:0 ff02::1 255 \
		"86000000 40000708 00000000 00000000 030440c0 00000e10 00000e10 00000000 fd05 NNNN 00000000 0000000000000000 \
		 1903 0000 00000e10 fd05 NNNN 00000000 0000000000000001"
	eventually counted B DropNdLimit 0
	eventually A ping -6 -c 1 -W 1 -q "$(the_addr_in fd00:1:)"
	count() { B toy -j ra | jq "[.[] | select(.kind == \"$1\")] | length"; }
	[ "$(count router)" -le 8 ]
	[ "$(count prefix)" -le 8 ]
	[ "$(count dns)" -le 8 ]
	[ "$(B toy -j addr | jq '[.[] | select(.autoconf == true)] | length')" -le 17 ]
}

# The namespace goes while all of that is alive.
test_leaves_nothing() {
	link6
	ra 1800 "$(prefix $p1 3600 1800)"
	eventually addr_in fd00:1:
	ip -n A link del veth0
	is "$(B toy -j ra)" '[]'
}

run_cases "$@"
