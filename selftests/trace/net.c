// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device, the addresses on both sides, IP headers, sysctls.
 *
 *	script (the peer)  <--- tun0, raw IP packets --->  stack under test
 *	192.0.2.2                                          192.0.2.1/24
 *	2001:db8::2                                        2001:db8::1/64
 *
 * One script serves both IP versions: IPv6's MTUs are larger by what its header
 * has more, and so a full segment is as long.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "trace.h"

#define TUN	"tun0"
#define IPV4_DF	0x4000

const struct variant variants[] = {
	{ "v4", &l3_ipv4, FORM_IN, "192.0.2.1", "192.0.2.2", 24 },
	{ "mapped", &l3_ipv4, FORM_IN6, "192.0.2.1", "192.0.2.2", 24 },
	{ "v6", &l3_ipv6, FORM_IN6, "2001:db8::1", "2001:db8::2", 64 },
};

const int n_variants = ARRAY_SIZE(variants);

/* ---- Checksums -------------------------------------------------------- */

static __u32 csum_add(__u32 sum, const void *data, size_t len)
{
	const __u8 *p = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += p[len - 1] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

static __u16 csum_fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* ---- IPv4 ------------------------------------------------------------- */

static void ipv4_build(__u8 *p, const struct ip_head *ip, size_t len)
{
	struct iphdr h = {
		.version = 4, .ihl = 5, .tos = ip->tos,
		.tot_len = htons(sizeof(h) + len),
		.frag_off = htons(ip->df ? IPV4_DF : 0),
		.ttl = ip->ttl, .protocol = ip->proto,
		.saddr = ip->src.s6_addr32[3], .daddr = ip->dst.s6_addr32[3],
	};

	h.check = htons(csum_fold(csum_add(0, &h, sizeof(h))));
	memcpy(p, &h, sizeof(h));
}

static void map(struct in6_addr *a, __u32 v4)
{
	memset(a, 0, sizeof(*a));
	a->s6_addr32[2] = htonl(0xffff);
	a->s6_addr32[3] = v4;
}

static const char *ipv4_parse(const __u8 *p, size_t len, struct ip_head *ip)
{
	struct iphdr h;

	if (len < sizeof(h) || p[0] >> 4 != 4)
		return "not IPv4";
	memcpy(&h, p, sizeof(h));
	ip->l4_off = h.ihl * 4;
	if (h.ihl < 5 || ntohs(h.tot_len) > len || ip->l4_off > len)
		return "bad lengths in the IP header";
	if (csum_fold(csum_add(0, p, ip->l4_off)))
		return "bad checksum of the IP header";
	ip->l4_len = ntohs(h.tot_len) - ip->l4_off;
	map(&ip->src, h.saddr);
	map(&ip->dst, h.daddr);
	ip->proto = h.protocol;
	ip->tos = h.tos;
	ip->ttl = h.ttl;
	ip->df = !!(h.frag_off & htons(IPV4_DF));
	return NULL;
}

static __u16 ipv4_csum(const struct ip_head *ip, const __u8 *p, size_t len)
{
	__u32 sum = ip->proto + len;

	sum = csum_add(sum, &ip->src.s6_addr32[3], 4);
	sum = csum_add(sum, &ip->dst.s6_addr32[3], 4);
	return csum_fold(csum_add(sum, p, len));
}

static bool ipv4_icmp_name(const char *name, __u8 *type, __u8 *code)
{
	static const struct {
		const char *name;
		__u8 type, code;
	} errors[] = {
		{ "net", 3, 0 }, { "host", 3, 1 }, { "proto", 3, 2 },
		{ "port", 3, 3 }, { "frag", 3, 4 }, { "srcroute", 3, 5 },
		{ "admin", 3, 13 }, { "quench", 4, 0 }, { "ttl", 11, 0 },
		{ "reassembly", 11, 1 }, { "param", 12, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (strcmp(name, errors[i].name))
			continue;
		*type = errors[i].type;
		*code = errors[i].code;
		return true;
	}
	return false;
}

/* IPv4's ICMP has no pseudo header. */
static void ipv4_icmp_csum(const struct ip_head *ip, __u8 *p, size_t len)
{
	__u16 sum = csum_fold(csum_add(0, p, len));

	(void)ip;
	p[2] = sum >> 8;
	p[3] = sum;
}

const struct l3 l3_ipv4 = {
	.name = "ipv4",
	.icmp_proto = IPPROTO_ICMP,
	.hdr_len = sizeof(struct iphdr),
	.build = ipv4_build,
	.parse = ipv4_parse,
	.csum = ipv4_csum,
	.icmp_name = ipv4_icmp_name,
	.icmp_csum = ipv4_icmp_csum,
};

/* ---- IPv6 ------------------------------------------------------------- */

static void ipv6_build(__u8 *p, const struct ip_head *ip, size_t len)
{
	struct ipv6hdr h = {
		.version = 6, .priority = ip->tos >> 4,
		.flow_lbl = { ip->tos << 4 },
		.payload_len = htons(len),
		.nexthdr = ip->proto, .hop_limit = ip->ttl,
		.saddr = ip->src, .daddr = ip->dst,
	};

	memcpy(p, &h, sizeof(h));
}

static const char *ipv6_parse(const __u8 *p, size_t len, struct ip_head *ip)
{
	struct ipv6hdr h;

	if (len < sizeof(h) || p[0] >> 4 != 6)
		return "not IPv6";
	memcpy(&h, p, sizeof(h));
	ip->l4_off = sizeof(h);
	ip->l4_len = ntohs(h.payload_len);
	if (sizeof(h) + ip->l4_len > len)
		return "bad length in the IPv6 header";
	ip->src = h.saddr;
	ip->dst = h.daddr;
	ip->proto = h.nexthdr;
	ip->tos = h.priority << 4 | h.flow_lbl[0] >> 4;
	ip->ttl = h.hop_limit;
	/* Routers never fragment it. */
	ip->df = true;
	return NULL;
}

static __u16 ipv6_csum(const struct ip_head *ip, const __u8 *p, size_t len)
{
	__u32 sum = ip->proto + len;

	sum = csum_add(sum, &ip->src, sizeof(ip->src));
	sum = csum_add(sum, &ip->dst, sizeof(ip->dst));
	return csum_fold(csum_add(sum, p, len));
}

static bool ipv6_icmp_name(const char *name, __u8 *type, __u8 *code)
{
	static const struct {
		const char *name;
		__u8 type, code;
	} errors[] = {
		{ "net", 1, 0 }, { "admin", 1, 1 }, { "host", 1, 3 },
		{ "port", 1, 4 }, { "frag", 2, 0 }, { "ttl", 3, 0 },
		{ "reassembly", 3, 1 }, { "param", 4, 0 }, { "proto", 4, 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (strcmp(name, errors[i].name))
			continue;
		*type = errors[i].type;
		*code = errors[i].code;
		return true;
	}
	return false;
}

static void ipv6_icmp_csum(const struct ip_head *ip, __u8 *p, size_t len)
{
	__u16 sum = ipv6_csum(ip, p, len);

	p[2] = sum >> 8;
	p[3] = sum;
}

const struct l3 l3_ipv6 = {
	.name = "ipv6",
	.icmp_proto = IPPROTO_ICMPV6,
	.hdr_len = sizeof(struct ipv6hdr),
	.more = sizeof(struct ipv6hdr) - sizeof(struct iphdr),
	.build = ipv6_build,
	.parse = ipv6_parse,
	.csum = ipv6_csum,
	.icmp_name = ipv6_icmp_name,
	.icmp_csum = ipv6_icmp_csum,
};

/* ---- Socket addresses ------------------------------------------------- */

int net_domain(void)
{
	if (run.toy)
		return AF_TOY;
	return run.v->form == FORM_IN ? AF_INET : AF_INET6;
}

/* NULL is the wildcard. On AF_TOY "mapped" means the native form: it has the
 * layout of sockaddr_in6.
 */
socklen_t net_addr(struct sockaddr_storage *a, const struct in6_addr *ip,
		   int port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)a;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)a;

	memset(a, 0, sizeof(*a));
	if (run.v->form == FORM_IN) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		if (ip)
			in->sin_addr.s_addr = ip->s6_addr32[3];
		return sizeof(*in);
	}
	in6->sin6_family = net_domain();
	in6->sin6_port = htons(port);
	if (ip)
		in6->sin6_addr = *ip;
	return sizeof(*in6);
}

/* "stack:8080", "peer:40000", "any:0" */
const char *net_addr_text(const struct sockaddr_storage *a)
{
	const struct sockaddr_in *in = (const void *)a;
	const struct sockaddr_in6 *in6 = (const void *)a;
	struct in6_addr ip = in6->sin6_addr;
	static char text[80];
	const char *who = "other";

	if (a->ss_family == AF_INET)
		map(&ip, in->sin_addr.s_addr);
	if (!memcmp(&ip, &run.stack, sizeof(ip)))
		who = "stack";
	else if (!memcmp(&ip, &run.peer, sizeof(ip)))
		who = "peer";
	else if (IN6_IS_ADDR_UNSPECIFIED(&ip) || !ip.s6_addr32[3])
		who = "any";
	snprintf(text, sizeof(text), "%s:%u", who, ntohs(in->sin_port));
	return text;
}

/* ---- The device ------------------------------------------------------- */

static void ifreq_do(unsigned long request, struct ifreq *ifr, const char *what)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(fd, request, ifr))
		fail("%s: %s", what, strerror(errno));
	close(fd);
}

static void bring_up(const char *dev)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	ifreq_do(SIOCSIFFLAGS, &ifr, "device up");
}

void net_mtu(const char *mtu)
{
	struct ifreq ifr = { .ifr_name = TUN };

	ifr.ifr_mtu = atoi(mtu) + run.v->l3->more;
	ifreq_do(SIOCSIFMTU, &ifr, "mtu");
}

static void add_addr_inet(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct ifreq ifr = { .ifr_name = TUN };
	char cmd[256];

	if (run.v->l3 == &l3_ipv6) {
		snprintf(cmd, sizeof(cmd), "ip addr add %s/%d dev " TUN " nodad",
			 run.v->stack, run.v->plen);
		if (system(cmd))
			fail("failed: %s", cmd);
		return;
	}
	in.sin_addr.s_addr = run.stack.s6_addr32[3];
	memcpy(&ifr.ifr_addr, &in, sizeof(in));
	ifreq_do(SIOCSIFADDR, &ifr, "address");
	in.sin_addr.s_addr = htonl(~0U << (32 - run.v->plen));
	memcpy(&ifr.ifr_netmask, &in, sizeof(in));
	ifreq_do(SIOCSIFNETMASK, &ifr, "netmask");
}

static void add_addr_toy(void)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd),
		 "toy dev attach " TUN " >&2 && toy addr add %s/%d dev " TUN,
		 run.v->stack, run.v->plen);
	if (system(cmd))
		fail("failed: %s", cmd);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	if (write(fd, text, len) != (ssize_t)len)
		fail("%s: cannot write '%s': %s", path, text, strerror(errno));
	close(fd);
}

static void read_addr(const char *text, struct in6_addr *a)
{
	struct in_addr v4;

	if (inet_pton(AF_INET6, text, a) == 1)
		return;
	inet_pton(AF_INET, text, &v4);
	map(a, v4.s_addr);
}

void net_setup(void)
{
	struct ifreq ifr = { .ifr_name = TUN,
			     .ifr_flags = IFF_TUN | IFF_NO_PI };
	bool v6 = run.v->l3 == &l3_ipv6;

	read_addr(run.v->stack, &run.stack);
	read_addr(run.v->peer, &run.peer);
	run.tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (run.tun < 0 || ioctl(run.tun, TUNSETIFF, &ifr))
		fail("/dev/net/tun: %s", strerror(errno));
	bring_up("lo");
	/* No IPv6 chatter. */
	if (!access("/proc/sys/net/ipv6/conf/" TUN, F_OK)) {
		write_file("/proc/sys/net/ipv6/conf/" TUN "/disable_ipv6",
			   v6 && !run.toy ? "0" : "1");
		write_file("/proc/sys/net/ipv6/conf/" TUN "/addr_gen_mode", "1");
		write_file("/proc/sys/net/ipv6/conf/" TUN "/router_solicitations",
			   "0");
	}
	if (v6)
		net_mtu("1500");
	bring_up(TUN);
	if (run.toy)
		add_addr_toy();
	else
		add_addr_inet();
}

void net_send(const __u8 *p, size_t len)
{
	if (write(run.tun, p, len) != (ssize_t)len)
		fail("tun: %s", strerror(errno));
}

static void sysctl_one(const char *name, size_t len, const char *value,
		       bool optional)
{
	char path[256], text[128], *p;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%.*s",
		 run.toy ? "toy" : "ipv4", (int)len, name);
	if (optional && access(path, F_OK))
		return;
	/* Lists are written with commas. */
	snprintf(text, sizeof(text), "%s", value);
	while ((p = strchr(text, ',')))
		*p = ' ';
	write_file(path, text);
}

/* sysctl NAME=VALUE...: net.ipv4.NAME or its twin; "sysctl?" if it is there */
void net_sysctl(const struct event *ev)
{
	const char *eq;
	int i;

	for (i = 1; i < ev->ntok; i++) {
		eq = strchr(ev->tok[i], '=');
		if (!eq)
			usage_error(ev, "no value for", ev->tok[i]);
		sysctl_one(ev->tok[i], eq - ev->tok[i], eq + 1,
			   ev->tok[0][6] == '?');
	}
}
