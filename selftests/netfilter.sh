#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The jobs of netfilter's hooks, done where the traffic of the stack under test
# passes: nftables' netdev family and tc. Documentation/netfilter.rst has these
# recipes; what works here must work there.

. "$(dirname "$0")/lib.sh"

R() { ip netns exec R "$@"; }

# ---- Both IP versions ------------------------------------------------------------

# $V is the version that a case is about: 4 or 6.
V=4
at() { if [ $V = 4 ]; then echo "10.0.$1.$2"; else echo "fd00:$1::$2"; fi; }
proto() { if [ $V = 4 ]; then echo ip; else echo ipv6; fi; }

# How socat shows the same address.
shown() {
	if [ $V = 4 ]; then
		echo "10.0.$1.$2"
	else
		printf '[fd00:%04x:0000:0000:0000:0000:0000:%04x]\n' "$1" "$2"
	fi
}

# The namespaces that run the stack under test.
TESTED=B
tested() { [[ $TESTED == *$1* ]]; }

# address NS DEV NET HOST: of either version.
declare -A home=()
address() {
	local cmd=ip
	home[$1]="$3 $4"
	if tested "$1" && [ "$FAMILY" = toy ]; then
		cmd=toy
		attach "$1" "$2"
	else
		ip netns exec "$1" sh -c \
			"echo 0 >/proc/sys/net/ipv6/conf/$2/disable_ipv6"
	fi
	ip netns exec "$1" $cmd addr add "10.0.$3.$4/24" dev "$2"
	ip netns exec "$1" $cmd addr add "fd00:$3::$4/64" dev "$2" nodad
}

# A (Linux)                             B (under test)
# veth0 10.0.0.1, fd00:0::1 <-------> veth1 10.0.0.2, fd00:0::2
beside() {
	netns A B
	cable A veth0 B veth1
	address A veth0 0 1
	address B veth1 0 2
	V=6 eventually pings A 0 2
	V=4 eventually pings A 0 2
}

# A (Linux), inside     R (under test)              B (Linux), outside
# veth0 10.0.1.2 <--> r0 10.0.1.1  r1 10.0.2.1 <--> veth1 10.0.2.2
# and fd00:1::2 ... B knows no way to A but where a case adds it.
between() {
	TESTED=R
	netns A R B
	cable A veth0 R r0
	cable R r1 B veth1
	address A veth0 1 2
	address R r0 1 1
	address R r1 2 1
	address B veth1 2 2
	ip -n A route add default via 10.0.1.1
	ip -n A -6 route add default via fd00:1::1
	if [ "$FAMILY" = toy ]; then
		R sh -c 'echo 1 >/proc/sys/net/toy/ip_forward
			echo 1 >/proc/sys/net/toy/ip6_forwarding'
	else
		R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
			echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	fi
	for V in 6 4; do
		eventually pings A 1 1
		eventually pings B 2 1
	done
}

way_back() {
	ip -n B route add 10.0.1.0/24 via 10.0.2.1
	ip -n B -6 route add fd00:1::/64 via fd00:2::1
}

pings() {	# NS NET HOST [MORE]
	local ns=$1 to
	to=$(at "$2" "$3")
	shift 3
	ip netns exec "$ns" ping -c 1 -W 2 -q "$@" "$to" >/dev/null
}

# ---- Services, and those who ask them ----------------------------------------------

# run NS CMD...: on the stack under test, if that is NS's; as user $AS.
run() {
	local ns=$1
	shift
	[ -z "${AS:-}" ] || set -- setpriv --reuid "$AS" --clear-groups "$@"
	if tested "$ns" && [ "$FAMILY" = toy ]; then
		set -- toyrun "$@"
	fi
	ip netns exec "$ns" "$@"
}

listeners() {	# NS -t|-u PORT: how many there are
	if tested "$1" && [ "$FAMILY" = toy ]; then
		ip netns exec "$1" toy -n ss -Hln "$2" sport = ":$3"
	else
		ip netns exec "$1" ss -Hnl "$2" "sport = :$3"
	fi | wc -l
}
listens() { [ "$(listeners "$1" "$2" "$3")" -gt "${4:-0}" ]; }

# serve NS tcp|udp PORT: at its address of version $V, answers with the client's
# address and what it said.
serve() {
	local how=LISTEN addr n
	[ "$2" = tcp ] || how=RECVFROM
	# shellcheck disable=SC2086 # network and host
	addr=$(at ${home[$1]})
	[ $V = 4 ] || addr="[$addr]"
	n=$(listeners "$1" "-${2:0:1}" "$3")
	# shellcheck disable=SC2016 # for the shell of socat
	run "$1" socat "${2^^}$V-$how:$3,fork,reuseaddr,bind=$addr" \
		'SYSTEM:read x; echo $SOCAT_PEERADDR $x' >>"$tmp/serve" 2>&1 &
	eventually listens "$1" "-${2:0:1}" "$3" "$n"
}

# ask NS tcp|udp NET HOST PORT [OPTION]...: prints the answer. The options are
# those of nc for UDP, of socat for TCP.
ask() {
	local ns=$1 to port=$5
	to=$(at "$3" "$4")
	if [ "$2" = udp ]; then
		set -- nc -$V -u -W 1 -w 1 "${@:6}" "$to" "$port"
	else
		[ $V = 4 ] || to="[$to]"
		set -- socat -t 1 - "TCP$V:$to:$port,connect-timeout=0.5${6:+,$6}"
	fi
	echo hello | run "$ns" timeout 5 "$@" 2>>"$tmp/ask" || true
}

# answered NET HOST NS ...: NS asks, and is seen as that address.
answered() {
	local as
	as=$(shown "$1" "$2")
	shift 2
	is "$(ask "$@")" "$as hello"
}

unanswered() { is "$(ask "$@")" ''; }

# rules NS: nftables' script on stdin.
rules() { ip netns exec "$1" nft -f -; }

count() {	# NS COUNTER: packets
	ip netns exec "$1" nft -j list counter netdev t "$2" |
		jq '[.nftables[].counter.packets // empty][0]'
}
counts() { [ "$(count "$1" "$2")" -ge "$3" ]; }

# bulk_is_right FROM TO ADDR [ADDR PORT]: a stream that checks itself; IPv4. The
# sender knows the receiver by the latter, if need be.
bulk_is_right() {
	local sink port=7007

	[ "${5:-}" != 8080 ] || port=80
	ip netns exec "$2" tcp-bulk sink "$(family_of "$2")" "$3" "$port" 1 \
		>"$tmp/sink" 2>&1 &
	sink=$!
	eventually listens "$2" -t "$port"
	ip netns exec "$1" timeout 60 tcp-bulk send "$(family_of "$1")" \
		"${4:-$3}" "${5:-7007}" 3000000
	wait $sink || { cat "$tmp/sink"; return 1; }
}
family_of() { if tested "$1"; then echo "$FAMILY"; else echo inet; fi; }

# ---- Input and output ------------------------------------------------------------

test_input_by_address_and_port() {
	beside
	rules B <<-'END'
		table netdev t {
			counter refused { }
			chain in {
				type filter hook ingress device "veth1" priority 0; policy accept;
				ip saddr 10.0.0.1 udp dport 7 counter name refused drop
				ip6 saddr fd00::1 udp dport 7 counter name refused drop
				tcp dport { 81, 8000-8999 } counter name refused drop
			}
		}
	END
	for V in 4 6; do
		serve B udp 7; serve B udp 9; serve B tcp 80; serve B tcp 81
		unanswered A udp 0 2 7
		answered 0 1 A udp 0 2 9
		answered 0 1 A tcp 0 2 80
		unanswered A tcp 0 2 81
	done
	counts B refused 4
	# Another address of the same host.
	V=4
	A ip addr add 10.0.0.9/24 dev veth0
	is "$(ask A udp 0 2 7 -s 10.0.0.9)" '10.0.0.9 hello'
}

# The default is no: what IPv6 needs to live has to be let in by name.
test_input_policy_drop() {
	beside
	rules B <<-'END'
		table netdev t {
			chain in {
				type filter hook ingress device "veth1" priority 0; policy drop;
				ether type arp accept
				icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
				tcp dport 80 accept
			}
		}
	END
	B $S neigh flush dev veth1 || true
	for V in 4 6; do
		serve B tcp 80; serve B udp 7
		answered 0 1 A tcp 0 2 80
		unanswered A udp 0 2 7
		not pings A 0 2 -W 0.5
	done
}

test_output_by_address_and_port() {
	beside
	rules B <<-'END'
		table netdev t {
			counter refused { }
			chain out {
				type filter hook egress device "veth1" priority 0;
				ip daddr 10.0.0.1 udp dport 7 counter name refused drop
				ip6 daddr fd00::1 udp dport 7 counter name refused drop
				tcp dport 81 counter name refused drop
			}
		}
	END
	for V in 4 6; do
		serve A udp 7; serve A udp 9; serve A tcp 80; serve A tcp 81
		unanswered B udp 0 1 7
		answered 0 2 B udp 0 1 9
		answered 0 2 B tcp 0 1 80
		unanswered B tcp 0 1 81
	done
	counts B refused 4
}

test_input_by_mac() {
	beside
	rules B <<-END
		table netdev t {
			chain in {
				type filter hook ingress device "veth1" priority 0;
				ether saddr $(mac_of A veth0) drop
			}
		}
	END
	for V in 4 6; do not pings A 0 2 -W 0.5; done
	A ip link set veth0 address 02:00:00:00:00:77
	for V in 4 6; do eventually pings A 0 2; done
}

test_input_rate_limit() {
	local got

	beside
	rules B <<-'END'
		table netdev t {
			chain in {
				type filter hook ingress device "veth1" priority 0;
				meta l4proto { icmp, ipv6-icmp } limit rate over 5/second burst 5 packets drop
			}
		}
	END
	got=$(A ping -c 200 -i 0.002 -W 1 -q 10.0.0.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p')
	[ "$got" -ge 1 ]
	[ "$got" -le 30 ]
}

# ---- Whose packet -----------------------------------------------------------------

test_output_by_user() {
	need setpriv
	beside
	rules B <<-'END'
		table netdev t {
			counter root { }
			chain out {
				type filter hook egress device "veth1" priority 0;
				meta skuid 1000 meta l4proto { tcp, udp } drop
				meta skuid 0 counter name root
			}
		}
	END
	for V in 4 6; do
		serve A udp 7; serve A tcp 80
		answered 0 2 B udp 0 1 7
		answered 0 2 B tcp 0 1 80
		AS=1000 unanswered B udp 0 1 7
		AS=1000 unanswered B tcp 0 1 80
		AS=1001 answered 0 2 B tcp 0 1 80
	done
	# Twice a datagram, and twice a connection: SYN, ACK, data, FIN.
	counts B root 8
	# The program itself, without toyrun.
	fails 'Resource temporarily unavailable' B setpriv --reuid 1000 \
		--clear-groups toy-echo client "$FAMILY" 10.0.0.1 7 hello
}

test_output_by_cgroup() {
	beside
	mkdir "$tmp/cls"
	mount -t cgroup -o net_cls none "$tmp/cls" 2>/dev/null ||
		skip "no net_cls controller"
	mkdir -p "$tmp/cls/games.$$"
	echo 0x10001 >"$tmp/cls/games.$$/net_cls.classid"
	rules B <<-'END'
		table netdev t {
			chain out {
				type filter hook egress device "veth1" priority 0;
				meta cgroup 0x10001 udp dport 7 drop
			}
		}
	END
	for V in 4 6; do
		serve A udp 7
		answered 0 2 B udp 0 1 7
		(echo $BASHPID >"$tmp/cls/games.$$/cgroup.procs"
		 unanswered B udp 0 1 7)
	done
	rmdir "$tmp/cls/games.$$" || true
}

# ---- Marks, bandwidth ----------------------------------------------------------------

class_packets() {	# NS DEV CLASS
	ip netns exec "$1" tc -s class show dev "$2" classid "$3" |
		sed -n 's/.* bytes \([0-9]*\) pkt.*/\1/p'
}

test_mark_and_shape() {
	beside
	B tc qdisc add dev veth1 root handle 1: htb default 10
	B tc class add dev veth1 parent 1: classid 1:10 htb rate 1gbit quantum 1514
	B tc class add dev veth1 parent 1: classid 1:20 htb rate 4mbit quantum 1514
	B tc filter add dev veth1 parent 1: protocol all handle 7 fw classid 1:20
	rules B <<-'END'
		table netdev t {
			counter marked { }
			chain out {
				type filter hook egress device "veth1" priority 0;
				udp dport 7 meta mark set 7
				meta mark 7 counter name marked
			}
		}
	END
	for V in 4 6; do
		serve A udp 7; serve A udp 9; serve A tcp 80
		answered 0 2 B udp 0 1 9
	done
	is "$(count B marked) $(tc_slow)" '0 0'
	for V in 4 6; do answered 0 2 B udp 0 1 7; done
	is "$(count B marked) $(tc_slow)" '2 2'
	# SO_MARK: the program's own, on every segment.
	for V in 4 6; do answered 0 2 B tcp 0 1 80 setsockopt-int=1:36:7; done
	counts B marked 8
	[ "$(tc_slow)" -ge 8 ]
}
tc_slow() { class_packets B veth1 1:20; }

# rate_of FROM TO ADDR: a megabyte, in Mbit/s
rate_of() {
	local sink
	ip netns exec "$2" toy-echo tcp-sink "$(family_of "$2")" "$3" 7 >"$tmp/rate" &
	sink=$!
	eventually listens "$2" -t 7
	ip netns exec "$1" timeout 60 toy-echo tcp-source "$(family_of "$1")" "$3" 7 1 >/dev/null
	wait $sink
	sed -n 's/.*: \([0-9]*\) Mbit.*/\1/p' "$tmp/rate"
}
between_rates() {
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { echo "$1 Mbit/s"; return 1; }
}

test_shape_tbf() {
	beside
	B tc qdisc add dev veth1 root tbf rate 8mbit burst 16k latency 100ms
	between_rates "$(rate_of B A 10.0.0.1)" 3 9
}

test_police_input() {
	beside
	B tc qdisc add dev veth1 clsact
	B tc filter add dev veth1 ingress protocol all matchall \
		action police rate 8mbit burst 64k mtu 64k conform-exceed drop/ok
	between_rates "$(rate_of A B 10.0.0.2)" 1 12
	B tc -s -j filter show dev veth1 ingress | grep -q '"overlimits":[1-9]'
}

# ---- To see -----------------------------------------------------------------------

test_count() {
	beside
	rules B <<-'END'
		table netdev t {
			counter i { }
			counter o { }
			chain in {
				type filter hook ingress device "veth1" priority 0;
				icmp type echo-request counter name i
				icmpv6 type echo-request counter name i
			}
			chain out {
				type filter hook egress device "veth1" priority 0;
				icmp type echo-reply counter name o
				icmpv6 type echo-reply counter name o
			}
		}
	END
	for V in 4 6; do pings A 0 2; pings A 0 2 -s 1000; done
	is "$(count B i) $(count B o)" '4 4'
}

test_trace() {
	beside
	rules B <<-'END'
		table netdev t {
			chain in {
				type filter hook ingress device "veth1" priority 0;
				udp dport 7 meta nftrace set 1
				udp dport 7 drop
			}
		}
	END
	B nft monitor trace >"$tmp/trace" &
	for _ in 1 2 3 4 5; do
		ask A udp 0 2 7
		! grep -q 'verdict drop' "$tmp/trace" || break
	done
	has "$(cat "$tmp/trace")" 'udp dport 7' 'ip saddr 10.0.0.1' 'verdict drop'
}

test_log() {
	beside
	B nft add table netdev t
	B nft add chain netdev t in '{ type filter hook ingress device "veth1" priority 0; }'
	B nft add rule netdev t in udp dport 7 log prefix '"toy-in "' counter 2>/dev/null ||
		skip "the kernel has no nft_log"
	ask A udp 0 2 7
	has "$(B nft list ruleset)" 'counter packets 1'
}

# What the device carries, both ways, on another one.
test_mirror() {
	beside
	ip -n B link add tap0 type dummy
	ip -n B link set tap0 up
	B tc qdisc add dev veth1 clsact
	B tc filter add dev veth1 ingress matchall action mirred egress mirror dev tap0
	B tc filter add dev veth1 egress matchall action mirred egress mirror dev tap0
	for V in 4 6; do pings A 0 2; pings A 0 2; done
	[ "$(ip -n B -s -j link show tap0 | jq '.[0].stats64.tx.packets')" -ge 8 ]
}

# What a netdev table cannot ask.
test_not_in_netdev() {
	local rule

	beside
	B nft add table netdev t
	B nft add chain netdev t in '{ type filter hook ingress device "veth1" priority 0; }'
	B nft add rule netdev t in udp dport 7 drop
	for rule in 'ct state established accept' 'socket transparent 1 drop' \
			'dnat to 10.0.0.9' masquerade; do
		not B nft "add rule netdev t in $rule" 2>/dev/null
	done
}

# The device is AF_TOY's alone: the hooks come before that.
test_exclusive() {
	toy_only
	beside
	B toy dev detach veth1
	host B veth1 10.0.0.2/24 exclusive
	eventually pings A 0 2
	rules B <<-'END'
		table netdev t {
			chain in { type filter hook ingress device "veth1" priority 0; udp dport 7 drop; }
			chain out { type filter hook egress device "veth1" priority 0; udp dport 9 drop; }
		}
	END
	serve B udp 7; serve B udp 8; serve A udp 8; serve A udp 9
	unanswered A udp 0 2 7
	answered 0 1 A udp 0 2 8
	unanswered B udp 0 1 9
	answered 0 2 B udp 0 1 8
}

# Traffic inside of a host passes no device of ours.
test_inside_is_not_seen() {
	toy_only
	beside
	rules B <<-'END'
		table netdev t {
			counter seen { }
			chain a { type filter hook ingress device "lo" priority 0; udp dport 7 counter name seen drop; }
			chain b { type filter hook egress device "lo" priority 0; udp dport 7 counter name seen drop; }
			chain c { type filter hook egress device "veth1" priority 0; udp dport 7 counter name seen drop; }
		}
	END
	echo_server B toy 10.0.0.2 7
	has "$(B toy-echo client toy 10.0.0.2 7 hello)" '5 bytes: hello'
	is "$(count B seen)" 0
}

# ---- To change -----------------------------------------------------------------------

test_dscp() {
	beside
	rules B <<-'END'
		table netdev t {
			chain out {
				type filter hook egress device "veth1" priority 0;
				ip version 4 meta l4proto { tcp, udp } ip dscp set ef
				meta protocol ip6 meta l4proto { tcp, udp } ip6 dscp set af41
			}
		}
	END
	rules A <<-'END'
		table netdev t {
			counter four { }
			counter six { }
			chain in {
				type filter hook ingress device "veth0" priority 0;
				ip dscp ef counter name four
				ip6 dscp af41 counter name six
			}
		}
	END
	for V in 4 6; do
		serve A udp 7; serve A tcp 80
		answered 0 2 B udp 0 1 7
		answered 0 2 B tcp 0 1 80
	done
	counts A four 4
	counts A six 4
	bulk_is_right B A 10.0.0.1
}

# ---- Forward -----------------------------------------------------------------------

test_forward_filter() {
	between
	way_back
	rules R <<-'END'
		table netdev t {
			counter refused { }
			chain inside {
				type filter hook ingress device "r0" priority 0;
				meta mark set 1
				udp dport 7 ip daddr 10.0.2.2 counter name refused drop
				udp dport 7 ip6 daddr fd00:2::2 counter name refused drop
			}
			chain outside {
				type filter hook egress device "r1" priority 0;
				meta mark 1 udp dport 9 counter name refused drop
			}
		}
	END
	for V in 4 6; do
		serve B udp 7; serve B udp 9; serve B udp 11
		unanswered A udp 2 2 7		# where it comes in
		unanswered A udp 2 2 9		# where it goes out, by where it came in
		answered 1 2 A udp 2 2 11
		answered 2 1 R udp 2 2 9	# the router's own
	done
	counts R refused 4
}

# ---- State: tc's ct action ------------------------------------------------------------

# On device DEV of NS: answers to what went out, and new connections to port 80.
# Prios differ: one has one protocol.
stateful() {	# NS DEV
	local p n type

	ip netns exec "$1" tc qdisc add dev "$2" clsact
	in_() { ip netns exec "$ns" tc filter add dev "$dev" ingress "$@"; }
	ns=$1 dev=$2
	for type in 133 134 135 136 137; do
		in_ protocol ipv6 prio 1 flower ip_proto icmpv6 type $type action pass
	done
	for p in ip ipv6; do
		n=1; [ $p = ip ] || n=2
		ip netns exec "$1" tc filter add dev "$2" egress protocol $p prio $n \
			flower ip_flags nofrag action ct commit pass
		in_ protocol $p prio 1$n flower ct_state -trk action ct pipe action goto chain 1
		in_ protocol $p chain 1 prio 1$n flower ct_state +trk+est action pass
		in_ protocol $p chain 1 prio 2$n flower ct_state +trk+rel action pass
		in_ protocol $p chain 1 prio 3$n flower ct_state +trk+new ip_proto tcp dst_port 80 \
			action ct commit pass
		in_ protocol $p chain 1 prio 4$n flower action drop
	done
}

test_stateful_host() {
	beside
	stateful B veth1
	for V in 4 6; do
		serve A udp 7; serve A tcp 80
		serve B udp 7; serve B tcp 80; serve B tcp 81
		not pings A 0 2 -W 0.5
		unanswered A udp 0 2 7
		unanswered A tcp 0 2 81
		answered 0 1 A tcp 0 2 80
		answered 0 2 B udp 0 1 7
		answered 0 2 B tcp 0 1 80
		not pings A 0 2 -W 0.5
	done
	# An ICMP error belongs to what it is about.
	fails 'Connection refused' B toy-echo client "$FAMILY" 10.0.0.1 9 hello
	bulk_is_right B A 10.0.0.1
}

test_stateful_router() {
	between
	way_back
	stateful R r1
	for V in 4 6; do
		serve A udp 7; serve A tcp 80; serve A tcp 81
		serve B udp 7; serve B tcp 81
		pings A 2 2
		not pings B 1 2 -W 0.5
		answered 1 2 A udp 2 2 7
		answered 1 2 A tcp 2 2 81
		unanswered B udp 1 2 7
		unanswered B tcp 1 2 81
		answered 2 2 B tcp 1 2 80
	done
	fails 'Connection refused' A toy-echo client inet 10.0.2.2 9 hello
	has "$(A traceroute -n -w 2 -q 1 10.0.2.2)" '^ 1  10.0.1.1 ' '^ 2  10.0.2.2 '
	bulk_is_right A B 10.0.2.2
}

# ---- NAT: tc's ct action --------------------------------------------------------------

# Everything from inside leaves as the router; its port 8080 is A's 80. Without
# "nat" on the way back nothing is translated back.
nat() {
	local p n

	R tc qdisc add dev r1 clsact
	for V in 4 6; do
		p=$(proto)
		R tc filter add dev r1 egress protocol $p prio 1$V flower \
			action ct commit nat src addr "$(at 2 1)" pass
		R tc filter add dev r1 ingress protocol $p prio 1$V flower \
			ip_proto tcp dst_ip "$(at 2 1)" dst_port 8080 \
			action ct commit nat dst addr "$(at 1 2)" port 80 pass
		R tc filter add dev r1 ingress protocol $p prio 2$V flower action ct nat pass
	done
}

test_nat_masquerade() {
	between
	nat
	for V in 4 6; do
		serve B udp 7; serve B tcp 80
		pings A 2 2
		answered 2 1 A udp 2 2 7
		answered 2 1 A tcp 2 2 80
		# The router's own goes on, and B may speak with the router.
		answered 2 1 R udp 2 2 7
		pings B 2 1
	done
	# Two clients with one port.
	A ip addr add 10.0.1.3/24 dev veth0
	V=4
	is "$(ask A udp 2 2 7 -s 10.0.1.2 -p 5000)" '10.0.2.1 hello'
	is "$(ask A udp 2 2 7 -s 10.0.1.3 -p 5000)" '10.0.2.1 hello'
	is "$(ask R udp 2 2 7 -s 10.0.2.1 -p 5000)" '10.0.2.1 hello'
}

test_nat_port_forwarding() {
	between
	nat
	for V in 4 6; do
		serve A tcp 80; serve A tcp 81
		answered 2 2 B tcp 2 1 8080
		unanswered B tcp 2 1 80
	done
	# On the way in the address is the router's: B has no way to 10.0.1.2.
	not pings B 1 2 -W 0.5
}

# Errors are about the translated packet; the client hears them about its own.
test_nat_icmp_errors() {
	between
	nat
	fails 'Connection refused' A toy-echo client inet 10.0.2.2 9 hello
	has "$(A traceroute -n -w 2 -q 1 10.0.2.2)" '^ 1  10.0.1.1 ' '^ 2  10.0.2.2 '
	has "$(A traceroute -6 -n -w 2 -q 1 fd00:2::2)" '^ 1  fd00:1::1 ' '^ 2  fd00:2::2 '
}

# Whole super-packets, checksums that the device fills in: and neither.
test_nat_bulk_is_right() {
	local off

	need ethtool
	between
	nat
	for off in on off; do
		for dev in r0 r1; do
			R ethtool -K $dev gro on >/dev/null
			R ethtool -K $dev tx $off tso $off gso $off sg $off >/dev/null
		done
		A ethtool -K veth0 tx $off tso $off gso $off >/dev/null
		B ethtool -K veth1 tx $off tso $off gso $off >/dev/null
		bulk_is_right A B 10.0.2.2
		bulk_is_right B A 10.0.1.2 10.0.2.1 8080
	done
}

# Fragments are put together by the action, and nobody takes the whole apart
# again: at egress it is too large for the device.
test_nat_loses_fragments() {
	between
	nat
	for V in 4 6; do
		pings A 2 2
		not pings A 2 2 -W 0.5 -s 4000
	done
}

# A host of its own: port 80 is a program's 8080, and it shows another address.
test_nat_on_a_host() {
	local p

	beside
	B tc qdisc add dev veth1 clsact
	A ip route add 10.0.9.9 via 10.0.0.2
	A ip -6 route add fd00:9::9 via fd00:0::2
	for V in 4 6; do
		p=$(proto)
		B tc filter add dev veth1 ingress protocol $p prio 1$V flower \
			ip_proto tcp dst_port 80 \
			action ct commit nat dst addr "$(at 0 2)" port 8080 pass
		B tc filter add dev veth1 ingress protocol $p prio 2$V flower action ct nat pass
		B tc filter add dev veth1 egress protocol $p prio 1$V flower \
			ip_proto udp action ct commit nat src addr "$(at 9 9)" pass
		B tc filter add dev veth1 egress protocol $p prio 2$V flower action ct nat pass
		serve B tcp 8080; serve A udp 7
		answered 0 1 A tcp 0 2 80
		answered 9 9 B udp 0 1 7
	done
	bulk_is_right B A 10.0.0.1
}

run_cases "$@"
