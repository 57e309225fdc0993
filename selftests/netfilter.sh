#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The jobs of netfilter's hooks, done where the traffic of the stack under test
# passes: nftables' netdev family and tc. Documentation/netfilter.rst has these
# recipes; what works here must work there. State and NAT: netfilter_ct.sh.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/netfilter-lib.sh"

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

run_cases "$@"
