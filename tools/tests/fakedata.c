// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fake kernel has: device 1 (lo on every host) and 4242 (nowhere),
 * addresses, routes, neighbours, groups and sockets on them.
 */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>	/* TCPI_OPT_* */
#include <linux/toy.h>
#include <stdlib.h>
#include <string.h>

#include "fakenl.h"
#include "tcpcases.h"

#define HOST_DEV	1
#define GONE_DEV	4242

static void put_addr(struct nlmsghdr *nlh, uint16_t type, const char *text)
{
	unsigned char addr[16] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, text, addr + 12) != 1)
		inet_pton(AF_INET6, text, addr);
	mnl_attr_put(nlh, type, sizeof(addr), addr);
}

static void dev(uint8_t cmd, uint32_t ifindex, const char *name, uint32_t hook)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x2a };
	struct nlmsghdr *nlh = fake_begin(cmd);

	mnl_attr_put_u32(nlh, TOY_DEV_A_IFINDEX, ifindex);
	mnl_attr_put_strz(nlh, TOY_DEV_A_NAME, name);
	mnl_attr_put_u32(nlh, TOY_DEV_A_HOOK, hook);
	mnl_attr_put_u32(nlh, TOY_DEV_A_MTU, 1500);
	mnl_attr_put(nlh, TOY_DEV_A_LLADDR, sizeof(mac), mac);
	mnl_attr_put_u16(nlh, TOY_DEV_A_TYPE, ARPHRD_ETHER);
	mnl_attr_put_u32(nlh, TOY_DEV_A_FLAGS, IFF_UP | IFF_BROADCAST |
			 IFF_RUNNING | IFF_LOWER_UP | IFF_MULTICAST);
	fake_end(nlh);
}

static void addr(uint8_t cmd, const char *text, uint8_t plen, uint8_t scope,
		 uint32_t flags)
{
	struct nlmsghdr *nlh = fake_begin(cmd);

	mnl_attr_put_u32(nlh, TOY_ADDR_A_IFINDEX,
			 scope == TOY_SCOPE_LINK ? GONE_DEV : HOST_DEV);
	put_addr(nlh, TOY_ADDR_A_ADDR, text);
	mnl_attr_put_u8(nlh, TOY_ADDR_A_PLEN, plen);
	mnl_attr_put_u8(nlh, TOY_ADDR_A_SCOPE, scope);
	mnl_attr_put_u32(nlh, TOY_ADDR_A_FLAGS, flags);
	if (plen == 120)
		put_addr(nlh, TOY_ADDR_A_BROADCAST, "10.0.0.255");
	mnl_attr_put_u32(nlh, TOY_ADDR_A_PREFERENCE, flags ? -5 : 0);
	fake_end(nlh);
}

static void route(uint8_t cmd, const char *dst, uint8_t plen, uint8_t type,
		  const char *gateway)
{
	struct nlmsghdr *nlh = fake_begin(cmd);

	put_addr(nlh, TOY_ROUTE_A_DST, dst);
	mnl_attr_put_u8(nlh, TOY_ROUTE_A_PLEN, plen);
	mnl_attr_put_u8(nlh, TOY_ROUTE_A_TYPE, type);
	mnl_attr_put_u8(nlh, TOY_ROUTE_A_ORIGIN, TOY_ORIGIN_STATIC);
	if (type == TOY_ROUTE_UNICAST)
		mnl_attr_put_u32(nlh, TOY_ROUTE_A_IFINDEX, HOST_DEV);
	mnl_attr_put_u8(nlh, TOY_ROUTE_A_SCOPE,
			gateway ? TOY_SCOPE_GLOBAL : TOY_SCOPE_LINK);
	if (gateway) {
		put_addr(nlh, TOY_ROUTE_A_GATEWAY, gateway);
		put_addr(nlh, TOY_ROUTE_A_PREFSRC, "10.0.0.1");
		mnl_attr_put_u32(nlh, TOY_ROUTE_A_METRIC, 100);
		mnl_attr_put_u32(nlh, TOY_ROUTE_A_MTU, 1400);
	}
	fake_end(nlh);
}

static void neigh(uint8_t cmd, const char *dst, uint8_t state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x2b };
	struct nlmsghdr *nlh = fake_begin(cmd);

	mnl_attr_put_u32(nlh, TOY_NEIGH_A_IFINDEX, HOST_DEV);
	put_addr(nlh, TOY_NEIGH_A_DST, dst);
	if (state != TOY_NUD_FAILED)
		mnl_attr_put(nlh, TOY_NEIGH_A_LLADDR, sizeof(mac), mac);
	mnl_attr_put_u8(nlh, TOY_NEIGH_A_STATE, state);
	mnl_attr_put_u32(nlh, TOY_NEIGH_A_USED_MS, 1500);
	mnl_attr_put_u8(nlh, TOY_NEIGH_A_PROBES, 1);
	fake_end(nlh);
}

static void maddr(uint8_t cmd, const char *group, uint8_t mode)
{
	static const uint8_t srcs[2][16] = {
		{ [10] = 0xff, 0xff, 10, 0, 0, 7 },
		{ [10] = 0xff, 0xff, 10, 0, 0, 8 },
	};
	struct nlmsghdr *nlh = fake_begin(cmd);

	mnl_attr_put_u32(nlh, TOY_MADDR_A_IFINDEX, HOST_DEV);
	put_addr(nlh, TOY_MADDR_A_GROUP, group);
	mnl_attr_put_u32(nlh, TOY_MADDR_A_USERS, 1 + mode);
	mnl_attr_put_u8(nlh, TOY_MADDR_A_MODE, mode);
	if (mode)
		mnl_attr_put(nlh, TOY_MADDR_A_SOURCES, sizeof(srcs), srcs);
	mnl_attr_put_u32(nlh, TOY_MADDR_A_NSOURCES, mode ? 3 : 0);
	mnl_attr_put_u8(nlh, TOY_MADDR_A_VERSION, 3 - mode);
	if (mode)
		mnl_attr_put(nlh, TOY_MADDR_A_REPORTER, 0, NULL);
	else
		mnl_attr_put_u32(nlh, TOY_MADDR_A_TIMER_MS, 700);
	fake_end(nlh);
}

static void put_details(struct nlmsghdr *nlh)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 1, 212992, 3, 212992, 5, 6, 7, 8, 9 };
	struct toy_tcp_info info = {
		.tcpi_options = TCPI_OPT_TIMESTAMPS | TCPI_OPT_WSCALE,
		.tcpi_snd_wscale = 7, .tcpi_rcv_wscale = 8,
		.tcpi_rto = 204000, .tcpi_rtt = 50, .tcpi_rttvar = 25,
		.tcpi_snd_mss = 1448, .tcpi_snd_cwnd = 10,
		.tcpi_snd_ssthresh = 0x7fffffff, .tcpi_total_retrans = 2,
		.tcpi_pacing_rate = ~0ULL, .tcpi_bytes_sent = 5000000000,
	};

	mnl_attr_put(nlh, TOY_SOCK_A_MEMINFO, sizeof(mem), mem);
	mnl_attr_put(nlh, TOY_SOCK_A_INFO, sizeof(info), &info);
	mnl_attr_put_strz(nlh, TOY_SOCK_A_CONG, "cubic");
	mnl_attr_put_u8(nlh, TOY_SOCK_A_TIMER, TOY_SOCK_TIMER_KEEPALIVE);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_TIMER_MS, 4250);
	mnl_attr_put_u8(nlh, TOY_SOCK_A_RETRANS, 3);
}

static void sock(const char *proto, uint8_t state, const char *local,
		 uint16_t lport, const char *peer, uint16_t pport)
{
	const char *inode = getenv("FAKENL_INODE");
	struct nlmsghdr *nlh = fake_begin(TOY_CMD_SOCK_GET);

	mnl_attr_put_u32(nlh, TOY_SOCK_A_PROTOCOL, TOYPROTO_TCP);
	mnl_attr_put_strz(nlh, TOY_SOCK_A_PROTO_NAME, proto);
	mnl_attr_put_u8(nlh, TOY_SOCK_A_STATE, state);
	put_addr(nlh, TOY_SOCK_A_LADDR, local);
	mnl_attr_put_u16(nlh, TOY_SOCK_A_LPORT, lport);
	put_addr(nlh, TOY_SOCK_A_RADDR, peer);
	mnl_attr_put_u16(nlh, TOY_SOCK_A_RPORT, pport);
	if (state == 10)
		mnl_attr_put_u32(nlh, TOY_SOCK_A_IFINDEX, HOST_DEV);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_RQUEUE, 0);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_WQUEUE, 128);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_UID, 1000);
	mnl_attr_put_u64(nlh, TOY_SOCK_A_INODE,
			 inode && pport ? strtoull(inode, NULL, 10) : 77);
	mnl_attr_put_u64(nlh, TOY_SOCK_A_COOKIE, 0x1001);
	if (!strcmp(proto, "tcp") && state == 1)
		put_details(nlh);
	fake_end(nlh);
}

/* The sockets that ss gets from ssfeed.c. */
static void tcp_case(const struct tcp_case *c, int index)
{
	struct nlmsghdr *nlh = fake_begin(TOY_CMD_SOCK_GET);

	mnl_attr_put_u32(nlh, TOY_SOCK_A_PROTOCOL, TOYPROTO_TCP);
	mnl_attr_put_strz(nlh, TOY_SOCK_A_PROTO_NAME, "tcp");
	mnl_attr_put_u8(nlh, TOY_SOCK_A_STATE, c->state);
	put_addr(nlh, TOY_SOCK_A_LADDR, "10.0.0.1");
	mnl_attr_put_u16(nlh, TOY_SOCK_A_LPORT, 1000 + index);
	put_addr(nlh, TOY_SOCK_A_RADDR,
		 c->state == 10 ? "0.0.0.0" : "10.0.0.2");
	mnl_attr_put_u16(nlh, TOY_SOCK_A_RPORT,
			 c->state == 10 ? 0 : 2000 + index);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_RQUEUE, c->rqueue);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_WQUEUE, c->wqueue);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_UID, c->uid);
	mnl_attr_put_u64(nlh, TOY_SOCK_A_INODE, c->inode);
	mnl_attr_put_u64(nlh, TOY_SOCK_A_COOKIE, 0x1001);
	mnl_attr_put_u8(nlh, TOY_SOCK_A_TIMER, c->timer);
	mnl_attr_put_u32(nlh, TOY_SOCK_A_TIMER_MS, c->timer_ms);
	mnl_attr_put_u8(nlh, TOY_SOCK_A_RETRANS, c->retrans);
	if (c->shutdown >= 0)
		mnl_attr_put_u8(nlh, TOY_SOCK_A_SHUTDOWN, c->shutdown);
	if (c->cong) {
		mnl_attr_put(nlh, TOY_SOCK_A_MEMINFO, sizeof(tcp_case_mem),
			     tcp_case_mem);
		mnl_attr_put_strz(nlh, TOY_SOCK_A_CONG, c->cong);
		mnl_attr_put(nlh, TOY_SOCK_A_CONG_INFO, sizeof(c->cong_info),
			     c->cong_info);
		mnl_attr_put(nlh, TOY_SOCK_A_INFO, sizeof(c->info), &c->info);
	}
	fake_end(nlh);
}

static void stat(const char *name, uint64_t value, const char *help)
{
	struct nlmsghdr *nlh = fake_begin(TOY_CMD_STAT_GET);

	mnl_attr_put_strz(nlh, TOY_STAT_A_NAME, name);
	mnl_attr_put_u64(nlh, TOY_STAT_A_VALUE, value);
	mnl_attr_put_strz(nlh, TOY_STAT_A_HELP, help);
	fake_end(nlh);
}

static void napi(uint32_t ifindex, uint32_t cpu)
{
	struct nlmsghdr *nlh = fake_begin(TOY_CMD_NAPI_GET);

	mnl_attr_put_u32(nlh, TOY_NAPI_A_IFINDEX, ifindex);
	mnl_attr_put_u32(nlh, TOY_NAPI_A_CPU, cpu);
	mnl_attr_put_u64(nlh, TOY_NAPI_A_PROCESSED, 123456789012);
	mnl_attr_put_u64(nlh, TOY_NAPI_A_DROPPED, 3);
	mnl_attr_put_u64(nlh, TOY_NAPI_A_TIME_SQUEEZE, 2);
	mnl_attr_put_u32(nlh, TOY_NAPI_A_QLEN, 1);
	mnl_attr_put_u64(nlh, TOY_NAPI_A_POLLS, 64);
	fake_end(nlh);
}

static void ra(uint8_t kind, const char *addr, uint8_t plen, uint32_t lifetime)
{
	struct nlmsghdr *nlh = fake_begin(TOY_CMD_RA_GET);

	mnl_attr_put_u8(nlh, TOY_RA_A_KIND, kind);
	mnl_attr_put_u32(nlh, TOY_RA_A_IFINDEX, HOST_DEV);
	put_addr(nlh, TOY_RA_A_FROM, "fe80::a");
	mnl_attr_put_u32(nlh, TOY_RA_A_LIFETIME, lifetime);
	mnl_attr_put_u32(nlh, TOY_RA_A_FLAGS,
			 kind == TOY_RA_ROUTER ? TOY_RA_F_OTHER :
			 kind == TOY_RA_PREFIX ? TOY_RA_F_ONLINK |
						 TOY_RA_F_AUTO : 0);
	if (kind == TOY_RA_SEARCH)
		mnl_attr_put_strz(nlh, TOY_RA_A_NAME, addr);
	else
		put_addr(nlh, TOY_RA_A_ADDR, addr);
	if (kind == TOY_RA_PREFIX)
		mnl_attr_put_u8(nlh, TOY_RA_A_PLEN, plen);
	if (kind == TOY_RA_ROUTER) {
		mnl_attr_put_u32(nlh, TOY_RA_A_PREFERENCE, -1);
		mnl_attr_put_u32(nlh, TOY_RA_A_MTU, 1400);
		mnl_attr_put_u8(nlh, TOY_RA_A_HOP_LIMIT, 64);
		mnl_attr_put_u32(nlh, TOY_RA_A_REACHABLE_MS, 0);
	}
	fake_end(nlh);
}

void fake_route_reply(void)
{
	route(TOY_CMD_ROUTE_GET, "10.1.2.3", 128, TOY_ROUTE_UNICAST,
	      "10.0.0.254");
}

static void dump_routes(void)
{
	uint8_t cmd = TOY_CMD_ROUTE_GET;

	route(cmd, "0.0.0.0", 96, TOY_ROUTE_UNICAST, "10.0.0.254");
	route(cmd, "10.0.0.0", 120, TOY_ROUTE_UNICAST, NULL);
	route(cmd, "10.9.0.0", 112, TOY_ROUTE_BLACKHOLE, NULL);
	route(cmd, "::", 0, TOY_ROUTE_UNICAST, "fe80::1");
	route(cmd, "2001:db8::", 32, TOY_ROUTE_UNICAST, NULL);
}

static void dump_socks(void)
{
	const char *set = getenv("FAKENL_SOCKS");
	const struct tcp_case *c;

	for (c = tcp_cases; set && !strcmp(set, "tcp") && c->state; c++)
		tcp_case(c, c - tcp_cases);
	if (set)
		return;
	sock("udp", 7, "0.0.0.0", 53, "0.0.0.0", 0);
	sock("udp", 7, "::", 546, "::", 0);
	sock("udp", 1, "10.0.0.1", 40000, "10.0.0.2", 53);
	sock("tcp", 10, "127.0.0.1", 22, "0.0.0.0", 0);
	sock("tcp", 1, "10.0.0.1", 22, "10.0.0.2", 51000);
	sock("tcp", 6, "2001:db8::1", 80, "2001:db8::2", 51001);
	sock("icmp", 7, "0.0.0.0", 9, "0.0.0.0", 0);
	sock("raw", 7, "0.0.0.0", 89, "0.0.0.0", 0);
}

void fake_dump(uint8_t cmd)
{
	switch (cmd) {
	case TOY_CMD_DEV_GET:
		dev(cmd, HOST_DEV, "lo", TOY_HOOK_LOOPBACK);
		dev(cmd, GONE_DEV, "we\"ird\033\xff", TOY_HOOK_EXCLUSIVE);
		break;
	case TOY_CMD_ADDR_GET:
		addr(cmd, "10.0.0.1", 120, TOY_SCOPE_GLOBAL, 0);
		addr(cmd, "fe80::1", 64, TOY_SCOPE_LINK,
		     TOY_ADDR_F_TENTATIVE | TOY_ADDR_F_NOPREFIXROUTE);
		break;
	case TOY_CMD_ROUTE_GET:
		dump_routes();
		break;
	case TOY_CMD_NEIGH_GET:
		neigh(cmd, "10.0.0.2", TOY_NUD_REACHABLE);
		neigh(cmd, "10.0.0.3", TOY_NUD_FAILED);
		break;
	case TOY_CMD_MADDR_GET:
		maddr(cmd, "239.1.2.3", 0);
		maddr(cmd, "ff02::1:3", 1);
		break;
	case TOY_CMD_SOCK_GET:
		dump_socks();
		break;
	case TOY_CMD_STAT_GET:
		stat("IpInReceives", 42, "frames that reached IPv4");
		stat("IpInHdrErrors", 0, "frames with a bad header");
		stat("UdpInDatagrams", UINT64_MAX, "datagrams received");
		break;
	case TOY_CMD_NAPI_GET:
		napi(HOST_DEV, 0);
		napi(GONE_DEV, 11);
		break;
	case TOY_CMD_RA_GET:
		ra(TOY_RA_ROUTER, "fe80::a", 0, 1793);
		ra(TOY_RA_PREFIX, "2001:db8:1::", 64, UINT32_MAX);
		ra(TOY_RA_DNS, "2001:db8:1::53", 0, 493);
		ra(TOY_RA_SEARCH, "example.lan", 0, 493);
		break;
	}
}

void fake_events(void)
{
	dev(TOY_CMD_DEV_GET, HOST_DEV, "lo", TOY_HOOK_SHARED);
	addr(TOY_CMD_ADDR_GET, "10.0.0.1", 120, TOY_SCOPE_GLOBAL, 0);
	addr(TOY_CMD_ADDR_DEL, "10.0.0.1", 120, TOY_SCOPE_GLOBAL, 0);
	route(TOY_CMD_ROUTE_DEL, "10.0.0.0", 120, TOY_ROUTE_UNICAST, NULL);
	neigh(TOY_CMD_NEIGH_GET, "10.0.0.2", TOY_NUD_STALE);
	dev(TOY_CMD_DEV_DETACH, HOST_DEV, "lo", TOY_HOOK_SHARED);
}
