// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments, of a length that programs choose and of a kind that only strangers
 * send.
 *
 *	a (AF_INET)                           b (family under test)
 *	veth0 10.0.0.1/24  <----------->  veth1 10.0.0.2/24	MTU 1280 or 1500
 */
#include "toy_test.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>

#define THERE	"10.0.0.1"
#define HERE	"10.0.0.2"
#define MAX	65507

static unsigned char out[70000], in[70000];

static void fill(int len, int seed)
{
	int i;

	for (i = 0; i < len; i++)
		out[i] = i * 31 + (i >> 8) + seed;
}

static long counter(const char *name)
{
	char cmd[128];
	long value = -1;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "toy stat %s", name);
	f = popen(cmd, "r");
	if (!f || fscanf(f, "%*s %ld", &value) != 1)
		value = -1;
	if (f)
		pclose(f);
	return value;
}

/* ---- Lengths ------------------------------------------------------------ */

FIXTURE(size) {
	struct pair p;
	int there;		/* Linux, 10.0.0.1:4711, connected to here */
	int here;		/* under test, 10.0.0.2:4712, connected to there */
	int tap;		/* what veth0 sees */
};

FIXTURE_VARIANT(size) {
	int mtu;
};

FIXTURE_VARIANT_ADD(size, mtu1280) { .mtu = 1280 };
FIXTURE_VARIANT_ADD(size, mtu1500) { .mtu = 1500 };

FIXTURE_SETUP(size)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
	};

	ASSERT_EQ(0, pair_make(&self->p));
	ASSERT_EQ(0, sh("ip link set veth1 mtu %d", variant->mtu));
	self->here = udp_form(FORM_IN);
	ASSERT_LE(0, self->here);
	ASSERT_EQ(0, bind_to(self->here, FORM_IN, HERE, 4712));
	ASSERT_EQ(0, connect_to(self->here, FORM_IN, THERE, 4711));
	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, sh("ip link set veth0 mtu %d", variant->mtu));
	self->there = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind_to(self->there, FORM_IN, THERE, 4711));
	ASSERT_EQ(0, connect_to(self->there, FORM_IN, HERE, 4712));
	self->tap = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	ll.sll_ifindex = if_nametoindex("veth0");
	ASSERT_EQ(0, bind(self->tap, (struct sockaddr *)&ll, sizeof(ll)));
	ASSERT_EQ(0, netns_enter(self->p.b));
}

FIXTURE_TEARDOWN(size)
{
	close(self->here);
	close(self->there);
	close(self->tap);
}

static bool goes_through(int from, int to, int len)
{
	fill(len, len);
	memset(in, 0, len);
	if (send(from, out, len, 0) != len || recv_now(to, in, sizeof(in), 0) != len)
		return false;
	return !memcmp(in, out, len);
}

/* Around every boundary: one fragment more, eight bytes more. */
TEST_F(size, there_and_back)
{
	int room = (variant->mtu - 20) & ~7, n, d;

	for (n = 1; n * room <= MAX + 8; n += n < 4 ? 1 : 7) {
		for (d = -10; d <= 10; d += n == 1 ? 1 : 3) {
			int len = n * room - 8 + d;

			if (len > MAX)
				continue;
			ASSERT_TRUE(goes_through(self->here, self->there, len))
				TH_LOG("sent %d", len);
			ASSERT_TRUE(goes_through(self->there, self->here, len))
				TH_LOG("received %d", len);
		}
	}
}

TEST_F(size, the_largest)
{
	ASSERT_TRUE(goes_through(self->here, self->there, MAX));
	ASSERT_TRUE(goes_through(self->there, self->here, MAX));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->here, out, MAX + 1, 0)));
	if (TESTING_TOY) {
		EXPECT_LT(0, counter("IpFragOKs"));
		EXPECT_LT(0, counter("IpFragCreates"));
		EXPECT_LT(0, counter("IpReasmOKs"));
		EXPECT_EQ(0, counter("IpReasmFails"));
		EXPECT_EQ(0, counter("IpFragFails"));
	}
}

/* The reader's room, a filter's view and MSG_PEEK do not depend on how it came. */
TEST_F(size, read_in_part)
{
	fill(9000, 1);
	ASSERT_EQ(9000, send(self->there, out, 9000, 0));
	ASSERT_EQ(9000, recv_now(self->here, in, 10, MSG_PEEK | MSG_TRUNC));
	ASSERT_EQ(9000, recv_now(self->here, in, sizeof(in), MSG_PEEK));
	EXPECT_EQ(0, memcmp(in, out, 9000));
	ASSERT_EQ(5000, recv_now(self->here, in, 5000, 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
}

TEST_F(size, without_a_checksum)
{
	ASSERT_EQ(0, set_opt(self->here, SOL_SOCKET, SO_NO_CHECK, 1));
	ASSERT_EQ(0, set_opt(self->there, SOL_SOCKET, SO_NO_CHECK, 1));
	EXPECT_TRUE(goes_through(self->here, self->there, 20000));
	EXPECT_TRUE(goes_through(self->there, self->here, 20000));
}

TEST_F(size, broadcast)
{
	int any = udp_form(FORM_IN);

	ASSERT_EQ(0, bind_to(any, FORM_IN, "0.0.0.0", 4713));
	ASSERT_EQ(0, set_opt(any, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_EQ(0, set_opt(self->there, SOL_SOCKET, SO_BROADCAST, 1));
	fill(5000, 1);
	ASSERT_EQ(5000, send_to(self->there, FORM_IN, "10.0.0.255", 4713, out,
				5000));
	ASSERT_EQ(5000, recv_now(any, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
	/* A host hears its own. */
	ASSERT_EQ(5000, send_to(any, FORM_IN, "10.0.0.255", 4713, out, 5000));
	ASSERT_EQ(5000, recv_now(any, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, 5000));
}

/* Each fragment is paid for: a full send buffer stops the sender. */
TEST_F(size, send_buffer)
{
	int n = 0;

	ASSERT_EQ(0, sh("tc qdisc add dev veth1 root netem delay 10s limit 10000"));
	ASSERT_EQ(0, set_opt(self->here, SOL_SOCKET, SO_SNDBUF, 100000));
	while (n < 1000 && send(self->here, out, 10000, MSG_DONTWAIT) == 10000)
		n++;
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_LT(2, n);
	EXPECT_GT(100, n);
}

/* ---- IPv6 --------------------------------------------------------------- */

#define MAX6	65527

/* The loopback is 65,536 bytes wide: the largest datagrams do not fit it. */
TEST(ipv6_loopback)
{
	static const int lens[] = { 0, 1, 1452, 65487, 65488, 65489, MAX6 };
	const int family = TESTING_TOY ? AF_TOY : AF_INET6;
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(4711),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int rx, tx, i;

	ASSERT_LE(0, netns_new());
	rx = socket(family, SOCK_DGRAM, 0);
	tx = socket(family, SOCK_DGRAM, 0);
	ASSERT_LE(0, tx);
	ASSERT_EQ(0, bind(rx, (struct sockaddr *)&sin6, sizeof(sin6)));
	ASSERT_EQ(0, connect(tx, (struct sockaddr *)&sin6, sizeof(sin6)));
	ASSERT_EQ(0, set_opt(tx, SOL_SOCKET, SO_SNDBUF, 300000));
	for (i = 0; i < ARRAY_SIZE(lens); i++)
		ASSERT_TRUE(goes_through(tx, rx, lens[i]))
			TH_LOG("%d bytes", lens[i]);
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(tx, out, MAX6 + 1, 0)));
	ASSERT_EQ(60000, send(tx, out, 60000, MSG_MORE));
	ASSERT_EQ(5527, send(tx, out + 60000, 5527, 0));
	ASSERT_EQ(MAX6, recv_now(rx, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, MAX6));
	if (TESTING_TOY) {
		EXPECT_LT(0, counter("Ip6FragOKs"));
		EXPECT_LT(0, counter("Ip6FragCreates"));
		EXPECT_LT(0, counter("Ip6ReasmOKs"));
		EXPECT_EQ(0, counter("Ip6ReasmFails"));
	}
}

/* ---- IP_MTU_DISCOVER ---------------------------------------------------- */

/* Flags and offset of the next packet from the host under test. */
static int tap_frag_off(int tap)
{
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	struct iphdr h;

	do {
		if (!readable(tap) ||
		    recvfrom(tap, &h, sizeof(h), 0, (struct sockaddr *)&from,
			     &len) < (int)sizeof(h))
			return -1;
	} while (from.sll_pkttype == PACKET_OUTGOING);
	return ntohs(h.frag_off);
}

static const struct {
	const char *name;
	int how;
	bool df;		/* on what fits */
	bool fragments;		/* what does not fit; or EMSGSIZE */
} discover[] = {
	{ "DONT",	IP_PMTUDISC_DONT,	false,	true },
	{ "WANT",	IP_PMTUDISC_WANT,	true,	true },
	{ "DO",		IP_PMTUDISC_DO,		true,	false },
	{ "PROBE",	IP_PMTUDISC_PROBE,	true,	false },
	{ "INTERFACE",	IP_PMTUDISC_INTERFACE,	false,	false },
	{ "OMIT",	IP_PMTUDISC_OMIT,	false,	true },
};

TEST_F(size, mtu_discover)
{
	int i, fits = variant->mtu - 28;

	for (i = 0; i < ARRAY_SIZE(discover); i++) {
		long ret;

		ASSERT_EQ(0, set_opt(self->here, IPPROTO_IP, IP_MTU_DISCOVER,
				     discover[i].how));
		ASSERT_EQ(fits, send(self->here, out, fits, 0));
		EXPECT_EQ(discover[i].df ? IP_DF : 0, tap_frag_off(self->tap))
			TH_LOG("%s", discover[i].name);
		ret = ERRNO(send(self->here, out, fits + 1, 0));
		EXPECT_EQ(discover[i].fragments ? fits + 1 : -EMSGSIZE, ret)
			TH_LOG("%s", discover[i].name);
		if (!discover[i].fragments)
			continue;
		EXPECT_EQ(IP_MF, tap_frag_off(self->tap));
		EXPECT_EQ((variant->mtu - 20) / 8, tap_frag_off(self->tap));
	}
}

/* What is refused is told in the error queue, too (IP_RECVERR). */
TEST_F(size, too_long_is_told)
{
	char control[256];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	ASSERT_EQ(0, set_opt(self->here, IPPROTO_IP, IP_MTU_DISCOVER,
			     IP_PMTUDISC_DO));
	ASSERT_EQ(0, set_opt(self->here, IPPROTO_IP, IP_RECVERR, 1));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->here, out, 3000, 0)));
	EXPECT_LE(0, ERRNO(recvmsg(self->here, &msg, MSG_ERRQUEUE)));
	/* One that no path could take. */
	ASSERT_EQ(0, set_opt(self->here, IPPROTO_IP, IP_MTU_DISCOVER,
			     IP_PMTUDISC_WANT));
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(self->here, out, MAX + 1, 0)));
	msg.msg_controllen = sizeof(control);
	EXPECT_LE(0, ERRNO(recvmsg(self->here, &msg, MSG_ERRQUEUE)));
}

/* ---- Ping --------------------------------------------------------------- */

TEST_F(size, ping_socket)
{
	struct icmphdr *icmp = (struct icmphdr *)out;
	static const int lens[] = { 8, 1000, 1600, 20000, MAX + 8 };
	int fd, i;

	ASSERT_EQ(0, sysctl_write("ping_group_range", "0 0"));
	fd = sock_form(FORM_IN, SOCK_DGRAM, IPPROTO_ICMP);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect_to(fd, FORM_IN, THERE, 0));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		fill(lens[i], i);
		*icmp = (struct icmphdr) { .type = ICMP_ECHO };
		ASSERT_EQ(lens[i], send(fd, out, lens[i], 0));
		ASSERT_EQ(lens[i], recv_now(fd, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(in + 8, out + 8, lens[i] - 8));
	}
	EXPECT_EQ(-EMSGSIZE, ERRNO(send(fd, out, MAX + 9, 0)));
	close(fd);
}

/* ---- Corked ------------------------------------------------------------- */

TEST_F(size, many_calls_one_datagram)
{
	int at, n;

	fill(MAX, 3);
	for (at = 0; at < MAX; at += n) {
		n = at % 1999 + 1;
		if (at + n > MAX)
			n = MAX - at;
		ASSERT_EQ(n, send(self->here, out + at, n,
				  at + n < MAX ? MSG_MORE : 0));
	}
	ASSERT_EQ(MAX, recv_now(self->there, in, sizeof(in), 0));
	EXPECT_EQ(0, memcmp(in, out, MAX));
	EXPECT_TRUE(silent(self->there));
}

/* ---- Fragments by hand -------------------------------------------------- */

FIXTURE(inject) {
	struct pair p;
	unsigned char here[6], there[6];	/* MACs of veth1 and veth0 */
	int raw;				/* on veth0 */
	int rx;					/* 10.0.0.2:4712 */
};

struct piece {
	int offset;
	int len;
	bool more;
	int tos;
};

#define DATA	64			/* of the datagram that is cut */
#define ALL	(8 + DATA)
#define MORE	true

FIXTURE_VARIANT(inject) {
	struct piece piece[6];		/* up to one of length 0 */
	bool arrives;
	const char *drop;		/* counter that goes up */
	const char *not_inet;		/* why AF_INET does otherwise */
};

#define ROW(name) FIXTURE_VARIANT_ADD(inject, name)

ROW(in_order) {
	.piece = { { 0, 24, MORE }, { 24, 24, MORE }, { 48, ALL - 48 } },
	.arrives = true,
};

ROW(backwards) {
	.piece = { { 48, ALL - 48 }, { 24, 24, MORE }, { 0, 24, MORE } },
	.arrives = true,
};

ROW(inside_out) {
	.piece = { { 24, 24, MORE }, { 0, 24, MORE }, { 48, ALL - 48 } },
	.arrives = true,
};

ROW(smallest) {
	.piece = { { 0, 8, MORE }, { 8, 8, MORE }, { 16, 8, MORE },
		   { 24, 8, MORE }, { 32, ALL - 32 } },
	.arrives = true,
};

ROW(repeated) {
	.piece = { { 0, 24, MORE }, { 0, 24, MORE }, { 24, 24, MORE },
		   { 24, 24, MORE }, { 48, ALL - 48 } },
	.arrives = true, .drop = "DropFragDuplicate",
};

ROW(part_of_another) {
	.piece = { { 0, 48, MORE }, { 8, 16, MORE }, { 48, ALL - 48 } },
	.arrives = true, .drop = "DropFragDuplicate",
};

ROW(overlap_of_8) {
	.piece = { { 0, 32, MORE }, { 24, 24, MORE }, { 48, ALL - 48 } },
	.drop = "DropFragOverlap",
};

ROW(overlap_around) {
	.piece = { { 24, 8, MORE }, { 0, 48, MORE }, { 48, ALL - 48 } },
	.drop = "DropFragOverlap",
};

/* The classic: the second rewrites the first one's header. */
ROW(overlap_the_header) {
	.piece = { { 0, 16, MORE }, { 8, ALL - 8 } },
	.drop = "DropFragOverlap",
};

ROW(two_ends) {
	.piece = { { 48, ALL - 48 }, { 48, 8 }, { 0, 48, MORE } },
	.drop = "DropFragEnd",
};

ROW(behind_the_end) {
	.piece = { { 24, 24 }, { 48, ALL - 48, MORE }, { 0, 24, MORE } },
	.drop = "DropFragEnd",
};

ROW(no_multiple_of_8) {
	.piece = { { 0, 20, MORE }, { 16, ALL - 16 } },
	.drop = "DropFragLength",
	.not_inet = "it takes the first 16 bytes and goes on",
};

ROW(never_the_last) {
	.piece = { { 0, 24, MORE }, { 24, 24, MORE }, { 48, ALL - 48, MORE } },
};

ROW(never_the_first) {
	.piece = { { 24, 24, MORE }, { 48, ALL - 48 } },
};

ROW(hole) {
	.piece = { { 0, 24, MORE }, { 48, ALL - 48 } },
};

/* RFC 3168 5.3 */
ROW(ecn_mixed) {
	.piece = { { 0, 24, MORE, 2 }, { 24, ALL - 24, false, 0 } },
	.drop = "DropFragEcn",
};

ROW(ecn_marked) {
	.piece = { { 0, 24, MORE, 2 }, { 24, ALL - 24, false, 3 } },
	.arrives = true,
};

static void put16(unsigned char *p, int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static int sum16(const unsigned char *p, int len, unsigned int sum)
{
	int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A frame from there to here with LEN bytes of payload, AT bytes in. */
static int build(const struct _test_data_inject *self, unsigned char *f,
		 const unsigned char *data, const struct piece *p, int id)
{
	unsigned char *ip = f + 14;

	memcpy(f, self->here, 6);
	memcpy(f + 6, self->there, 6);
	put16(f + 12, ETH_P_IP);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	ip[1] = p->tos;
	put16(ip + 2, 20 + p->len);
	put16(ip + 4, id);
	put16(ip + 6, p->offset / 8 | (p->more ? IP_MF : 0));
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, "\x0a\0\0\1\x0a\0\0\2", 8);
	put16(ip + 10, ~sum16(ip, 20, 0));
	memcpy(ip + 20, data + p->offset, p->len);
	return 34 + p->len;
}

/* The datagram 10.0.0.1:4711 -> 10.0.0.2:4712 with LEN bytes of OUT. */
static void datagram(unsigned char *d, int len)
{
	int sum;

	put16(d, 4711);
	put16(d + 2, 4712);
	put16(d + 4, 8 + len);
	put16(d + 6, 0);
	memcpy(d + 8, out, len);
	sum = sum16((unsigned char *)"\x0a\0\0\1\x0a\0\0\2", 8, 17 + 8 + len);
	put16(d + 6, ~sum16(d, 8 + len, sum));
}

static int mac_of(const char *dev, unsigned char *mac)
{
	struct ifreq ifr = {};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), ret;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	ret = ioctl(fd, SIOCGIFHWADDR, &ifr);
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	close(fd);
	return ret;
}

FIXTURE_SETUP(inject)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	};
	char mac[32];

	if (!TESTING_TOY && variant->not_inet)
		SKIP(return, "not AF_INET: %s", variant->not_inet);
	ASSERT_EQ(0, pair_make(&self->p));
	ASSERT_EQ(0, mac_of("veth1", self->here));
	self->rx = udp_form(FORM_IN);
	ASSERT_EQ(0, bind_to(self->rx, FORM_IN, HERE, 4712));

	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, mac_of("veth0", self->there));
	self->raw = socket(AF_PACKET, SOCK_RAW, 0);
	ll.sll_ifindex = if_nametoindex("veth0");
	ASSERT_EQ(0, bind(self->raw, (struct sockaddr *)&ll, sizeof(ll)));
	/* Linux at this end must not answer; here has to know who it is. */
	ASSERT_EQ(0, sh("ip addr flush dev veth0"));
	ASSERT_EQ(0, netns_enter(self->p.b));
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
		 self->there[0], self->there[1], self->there[2],
		 self->there[3], self->there[4], self->there[5]);
	ASSERT_EQ(0, sh("%s neigh replace 10.0.0.1 lladdr %s dev veth1 nud permanent",
			TESTING_TOY ? "toy" : "ip", mac));
}

FIXTURE_TEARDOWN(inject)
{
	close(self->raw);
	close(self->rx);
}

/* The next ICMP message from here: type and code, -1 when there is none. */
static int icmp_seen(int raw, int timeout_ms)
{
	unsigned char f[2048];
	struct sockaddr_ll from;
	socklen_t len;

	while (poll_for(raw, POLLIN, timeout_ms)) {
		len = sizeof(from);
		memset(f, 0, sizeof(f));
		if (recvfrom(raw, f, sizeof(f), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &len) < 0)
			continue;
		if (from.sll_pkttype != PACKET_OUTGOING &&
		    f[12] == 8 && f[13] == 0 && f[14 + 9] == IPPROTO_ICMP)
			return f[34] << 8 | f[35];
	}
	return -1;
}

TEST_F(inject, is_handled)
{
	const bool count = TESTING_TOY && variant->drop;
	unsigned char d[ALL], f[2048];
	long before = 0;
	int i;

	if (count)
		before = counter(variant->drop);
	ASSERT_LE(0, before);
	fill(DATA, 1);
	datagram(d, DATA);
	for (i = 0; i < ARRAY_SIZE(variant->piece) && variant->piece[i].len; i++) {
		int len = build(self, f, d, &variant->piece[i], 1000);

		ASSERT_EQ(len, send(self->raw, f, len, 0));
	}
	/* What comes behind them is not held up, and ends the case. */
	{
		struct piece whole = { 0, 8 + 5 };
		int len;

		datagram(d, 5);
		len = build(self, f, d, &whole, 1001);
		ASSERT_EQ(len, send(self->raw, f, len, 0));
	}
	if (variant->arrives) {
		fill(DATA, 1);
		EXPECT_EQ(DATA, recv_now(self->rx, in, sizeof(in), 0));
		EXPECT_EQ(0, memcmp(in, out, DATA));
	}
	EXPECT_EQ(5, recv_now(self->rx, in, sizeof(in), 0));
	/* RFC 8200 4.5, RFC 5722: silence. */
	EXPECT_EQ(-1, icmp_seen(self->raw, QUIET_MS));
	if (count)
		EXPECT_LT(before, counter(variant->drop));
}

/* A fixture without rows, for the rest. */
FIXTURE(held) {
	struct _test_data_inject i;
};

FIXTURE_SETUP(held)
{
	struct _fixture_variant_inject none = {};

	inject_setup(_metadata, &self->i, &none);
}

FIXTURE_TEARDOWN(held)
{
	close(self->i.raw);
	close(self->i.rx);
}

/* RFC 1122 3.3.2: time exceeded, but only with the first fragment at hand. */
TEST_F(held, time_exceeded)
{
	struct piece first = { 0, 24, MORE }, last = { 48, ALL - 48 };
	unsigned char d[ALL], f[2048];
	int len;

	ASSERT_EQ(0, sysctl_write("ipfrag_time", "1"));
	datagram(d, DATA);
	len = build(&self->i, f, d, &last, 1);
	ASSERT_EQ(len, send(self->i.raw, f, len, 0));
	EXPECT_EQ(-1, icmp_seen(self->i.raw, 2500));
	len = build(&self->i, f, d, &first, 2);
	ASSERT_EQ(len, send(self->i.raw, f, len, 0));
	EXPECT_EQ(ICMP_TIME_EXCEEDED << 8 | ICMP_EXC_FRAGTIME,
		  icmp_seen(self->i.raw, DEADLINE_MS));
	if (TESTING_TOY) {
		EXPECT_EQ(2, counter("IpReasmTimeout"));
		EXPECT_EQ(2, counter("IpReasmFails"));
		EXPECT_EQ(2, counter("DropFragTimeout"));
	}
}

static long frag_mem(void)
{
	char text[64];

	return sysctl_read("ipfrag_mem", text, sizeof(text)) ? -1 : atol(text);
}

/* Sends N first fragments, from ID on, and waits until they have arrived: a
 * device's queue is shorter than the flood.
 */
static int flood(struct _test_data_inject *i, int id, int n)
{
	struct piece first = { 0, 1480, MORE };
	unsigned char d[1500] = {}, f[2048];
	const long seen = counter("IpReasmReqds");
	int k, len, waited = 0;

	datagram(d, 1472);
	for (k = 0; k < n; k++) {
		len = build(i, f, d, &first, id + k);
		if (send(i->raw, f, len, 0) != len)
			return -1;
		while (k % 100 == 99 && counter("IpReasmReqds") <= seen + k) {
			if (waited++ == DEADLINE_MS)
				return -1;
			usleep(1000);
		}
	}
	return 0;
}

/* Strangers fill the memory, and a service beside them lives. None of it is too
 * old while this runs, however slow the machine.
 */
TEST_F(held, memory_is_bounded)
{
	struct piece whole = { 0, 8 + 5 };
	unsigned char d[1500] = {}, f[2048];
	int len;

	if (!TESTING_TOY)
		SKIP(return, "about AF_TOY's knobs and counters");
	ASSERT_EQ(0, sysctl_write("ipfrag_time", "3600"));
	ASSERT_EQ(0, sysctl_write("ipfrag_high_thresh", "1000000"));
	ASSERT_EQ(0, sysctl_write("ipfrag_low_thresh", "800000"));
	ASSERT_EQ(0, flood(&self->i, 1, 2000));
	EXPECT_LT(0, counter("DropFragFull"));
	EXPECT_LT(700000, frag_mem());
	EXPECT_GT(1000000, frag_mem());
	datagram(d, 5);
	len = build(&self->i, f, d, &whole, 2001);
	ASSERT_EQ(len, send(self->i.raw, f, len, 0));
	EXPECT_EQ(5, recv_now(self->i.rx, in, sizeof(in), 0));
	EXPECT_EQ(0, counter("DropFragTimeout"));
}

/* All of it comes back. */
TEST_F(held, memory_is_returned)
{
	int i;

	if (!TESTING_TOY)
		SKIP(return, "about AF_TOY's knobs and counters");
	ASSERT_EQ(0, sysctl_write("ipfrag_time", "1"));
	ASSERT_EQ(0, sysctl_write("ipfrag_high_thresh", "1000000"));
	ASSERT_EQ(0, sysctl_write("ipfrag_low_thresh", "800000"));
	ASSERT_EQ(0, flood(&self->i, 1, 1000));
	for (i = 0; i < DEADLINE_MS / 100 && frag_mem(); i++)
		usleep(100000);
	EXPECT_EQ(0, frag_mem());
	EXPECT_EQ(1000, counter("IpReasmReqds"));
	EXPECT_EQ(1000, counter("DropFragFull") + counter("DropFragTimeout"));
}

/* A namespace goes with fragments in it, under a stream of more. */
TEST_F(held, namespace_goes)
{
	struct piece first = { 0, 1480, MORE };
	unsigned char d[1500] = {}, f[2048];
	int id, len;

	datagram(d, 1472);
	for (id = 1; id < 300; id++) {
		len = build(&self->i, f, d, &first, id);
		ASSERT_EQ(len, send(self->i.raw, f, len, 0));
	}
	close(self->i.rx);
	ASSERT_EQ(0, netns_enter(self->i.p.a));
	close(self->i.p.b);
	for (; id < 3000; id++) {
		len = build(&self->i, f, d, &first, id);
		if (send(self->i.raw, f, len, 0) < 0)
			break;
	}
}

TOY_TEST_MAIN
