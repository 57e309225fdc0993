// SPDX-License-Identifier: GPL-2.0-only
/*
 * Multicast as a program sees it: ip(7), ipv6(7), RFC 3678. Memberships, source
 * filters, where multicast goes and who hears it. Cases of the fixture "opt"
 * are about options and errors, those of "net" about packets between Linux's
 * own stack and the family under test, each with IPv4 and IPv6.
 */
#include "toy_test.h"

#include <netinet/tcp.h>
#include <sys/time.h>

#define G1	"239.1.2.3"
#define G2	"239.1.2.4"
#define G6	"ff15::1234"
#define G6B	"ff15::1235"
#define PORT	5000

/* ---- Small words -------------------------------------------------------- */

static struct in_addr ip4(const char *text)
{
	struct in_addr a;

	inet_pton(AF_INET, text, &a);
	return a;
}

static struct in6_addr ip6(const char *text)
{
	struct in6_addr a;

	inet_pton(AF_INET6, text, &a);
	return a;
}

/* A socket address in the version's own form. */
static struct sockaddr_storage ss_of(const char *text, int port)
{
	struct sockaddr_storage ss = {};
	struct sockaddr_in *sin = (void *)&ss;
	struct sockaddr_in6 *sin6 = (void *)&ss;

	if (strchr(text, ':')) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_addr = ip6(text);
		sin6->sin6_port = htons(port);
	} else {
		sin->sin_family = AF_INET;
		sin->sin_addr = ip4(text);
		sin->sin_port = htons(port);
	}
	return ss;
}

static int level_of(const char *group)
{
	return strchr(group, ':') ? IPPROTO_IPV6 : IPPROTO_IP;
}

static int opt(int fd, int level, int name, const void *val, socklen_t len)
{
	return setsockopt(fd, level, name, val, len) ? -errno : 0;
}

/* MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP: either version. */
static int group_req(int fd, int name, const char *group, int ifindex)
{
	struct group_req r = { .gr_interface = ifindex,
			       .gr_group = ss_of(group, 0) };

	return opt(fd, level_of(group), name, &r, sizeof(r));
}

/* MCAST_JOIN_SOURCE_GROUP and its relatives. */
static int source_req(int fd, int name, const char *group, const char *source,
		      int ifindex)
{
	struct group_source_req r = { .gsr_interface = ifindex,
				      .gsr_group = ss_of(group, 0),
				      .gsr_source = ss_of(source, 0) };

	return opt(fd, level_of(group), name, &r, sizeof(r));
}

static int mreq(int fd, int name, const char *group, const char *iface)
{
	struct ip_mreq r = { .imr_multiaddr = ip4(group),
			     .imr_interface = ip4(iface) };

	return opt(fd, IPPROTO_IP, name, &r, sizeof(r));
}

static int mreqn(int fd, int name, const char *group, const char *iface,
		 int ifindex)
{
	struct ip_mreqn r = { .imr_multiaddr = ip4(group),
			      .imr_address = ip4(iface),
			      .imr_ifindex = ifindex };

	return opt(fd, IPPROTO_IP, name, &r, sizeof(r));
}

static int mreq_source(int fd, int name, const char *group, const char *source,
		       const char *iface)
{
	struct ip_mreq_source r = { .imr_multiaddr = ip4(group),
				    .imr_sourceaddr = ip4(source),
				    .imr_interface = ip4(iface) };

	return opt(fd, IPPROTO_IP, name, &r, sizeof(r));
}

static int mreq6(int fd, int name, const char *group, int ifindex)
{
	struct ipv6_mreq r = { .ipv6mr_multiaddr = ip6(group),
			       .ipv6mr_interface = ifindex };

	return opt(fd, IPPROTO_IPV6, name, &r, sizeof(r));
}

#define SRC_MAX	128

struct filter {
	struct group_filter f;
	struct sockaddr_storage more[SRC_MAX];
};

/* MCAST_MSFILTER: the sources are FIRST, and those after it. */
static int set_filter(int fd, const char *group, int ifindex, int mode,
		      const char *first, int n)
{
	struct filter f = {};

	f.f.gf_interface = ifindex;
	f.f.gf_group = ss_of(group, 0);
	f.f.gf_fmode = mode;
	f.f.gf_numsrc = n;
	for (int i = 0; i < n && i < SRC_MAX; i++) {
		struct sockaddr_storage ss = ss_of(first, 0);

		if (ss.ss_family == AF_INET)
			((struct sockaddr_in *)&ss)->sin_addr.s_addr +=
				htonl(i);
		else
			((struct sockaddr_in6 *)&ss)->sin6_addr.s6_addr[15] +=
				i;
		f.f.gf_slist[i] = ss;
	}
	return opt(fd, level_of(group), MCAST_MSFILTER, &f,
		   GROUP_FILTER_SIZE(n));
}

/* The mode, and the number of sources in *N; or -errno. */
static int get_filter(int fd, const char *group, int ifindex, unsigned int *n)
{
	struct filter f = {};
	socklen_t len = sizeof(f);

	f.f.gf_interface = ifindex;
	f.f.gf_group = ss_of(group, 0);
	f.f.gf_numsrc = *n;
	if (getsockopt(fd, level_of(group), MCAST_MSFILTER, &f, &len))
		return -errno;
	*n = f.f.gf_numsrc;
	return f.f.gf_fmode;
}

/* ---- Options and errors --------------------------------------------------- */

/*
 *	veth0 10.0.0.2/24, fd00:0:0:1::2/64 -- peer0
 *	veth1 10.0.1.2/24, fd00:0:0:2::2/64 -- peer1	route to 239.0.0.0/8
 */
FIXTURE(opt) {
	int fd;
	int fd6;
	int dev0, dev1;
};

FIXTURE_SETUP(opt)
{
	const char *s = TESTING_TOY ? "toy" : "ip";

	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, sh("ip link add veth0 type veth peer name peer0"));
	ASSERT_EQ(0, sh("ip link add veth1 type veth peer name peer1"));
	ASSERT_EQ(0, sh("ip link set peer0 up; ip link set peer1 up"));
	ASSERT_EQ(0, test_addr_add("veth0", "10.0.0.2/24"));
	ASSERT_EQ(0, test_addr_add("veth1", "10.0.1.2/24"));
	ASSERT_EQ(0, sh("%s route add 239.0.0.0/8 dev veth1", s));
	ASSERT_EQ(0, link_wait("veth0"));
	ASSERT_EQ(0, link_wait("veth1"));
	self->dev0 = if_nametoindex("veth0");
	self->dev1 = if_nametoindex("veth1");
	self->fd = udp_form(FORM_IN);
	ASSERT_LE(0, self->fd);
	self->fd6 = socket(TESTING_TOY ? AF_TOY : AF_INET6, SOCK_DGRAM, 0);
	ASSERT_LE(0, self->fd6);
}

FIXTURE_TEARDOWN(opt)
{
	close(self->fd);
	close(self->fd6);
}

TEST_F(opt, join_and_leave)
{
	EXPECT_EQ(0, mreq(self->fd, IP_ADD_MEMBERSHIP, G1, "10.0.0.2"));
	EXPECT_EQ(-EADDRINUSE, mreq(self->fd, IP_ADD_MEMBERSHIP, G1, "10.0.0.2"));
	/* The same device, named in another way. */
	EXPECT_EQ(-EADDRINUSE, mreqn(self->fd, IP_ADD_MEMBERSHIP, G1, "0.0.0.0",
				     self->dev0));
	/* The route says veth1. */
	EXPECT_EQ(0, mreq(self->fd, IP_ADD_MEMBERSHIP, G1, "0.0.0.0"));
	EXPECT_EQ(-EADDRINUSE, mreqn(self->fd, IP_ADD_MEMBERSHIP, G1, "0.0.0.0",
				     self->dev1));
	EXPECT_EQ(0, mreqn(self->fd, IP_DROP_MEMBERSHIP, G1, "0.0.0.0",
			   self->dev0));
	EXPECT_EQ(-EADDRNOTAVAIL, mreqn(self->fd, IP_DROP_MEMBERSHIP, G1,
					"0.0.0.0", self->dev0));
	EXPECT_EQ(0, mreq(self->fd, IP_DROP_MEMBERSHIP, G1, "0.0.0.0"));
	EXPECT_EQ(-EADDRNOTAVAIL, mreq(self->fd, IP_DROP_MEMBERSHIP, G1,
				       "0.0.0.0"));
}

TEST_F(opt, join_errors)
{
	struct ip_mreqn r = { .imr_multiaddr = ip4(G1) };

	EXPECT_EQ(-EINVAL, mreq(self->fd, IP_ADD_MEMBERSHIP, "10.0.0.9",
				"10.0.0.2"));
	EXPECT_EQ(-EINVAL, opt(self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r,
			       sizeof(struct ip_mreq) - 1));
	EXPECT_EQ(-EFAULT, opt(self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
			       (void *)8, sizeof(r)));
	EXPECT_EQ(-ENODEV, mreq(self->fd, IP_ADD_MEMBERSHIP, G1, "10.9.9.9"));
	EXPECT_EQ(-ENODEV, mreqn(self->fd, IP_ADD_MEMBERSHIP, G1, "0.0.0.0",
				 999));
	/* No route. */
	EXPECT_EQ(-ENODEV, mreq(self->fd, IP_ADD_MEMBERSHIP, "224.1.1.1",
				"0.0.0.0"));
	EXPECT_EQ(-ENODEV, mreq(self->fd, IP_DROP_MEMBERSHIP, "224.1.1.1",
				"0.0.0.0"));
	EXPECT_EQ(-EADDRNOTAVAIL, mreq(self->fd, IP_DROP_MEMBERSHIP, G1,
				       "10.0.0.2"));
}

TEST_F(opt, streams_join_nothing)
{
	int fd = sock_form(FORM_IN, SOCK_STREAM, 0);

	EXPECT_EQ(-EPROTO, mreq(fd, IP_ADD_MEMBERSHIP, G1, "10.0.0.2"));
	/* Here AF_INET forgets to ask. */
	if (TESTING_TOY)
		EXPECT_EQ(-EPROTO, group_req(fd, MCAST_JOIN_GROUP, G1,
					     self->dev0));
	EXPECT_EQ(-EINVAL, opt(fd, IPPROTO_IP, IP_MULTICAST_IF,
			       &(struct in_addr){}, 4));
	close(fd);
	fd = sock_form(FORM_IN6, SOCK_STREAM, 0);
	EXPECT_EQ(-EPROTO, mreq6(fd, IPV6_JOIN_GROUP, G6, self->dev0));
	EXPECT_EQ(-ENOPROTOOPT, opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
				    &self->dev0, sizeof(int)));
	EXPECT_EQ(-ENOPROTOOPT, opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS,
				    &(int){ 1 }, sizeof(int)));
	close(fd);
}

TEST_F(opt, bound_of_memberships)
{
	char group[32];

	ASSERT_EQ(0, sysctl_write("igmp_max_memberships", "5"));
	for (int i = 0; i < 5; i++) {
		snprintf(group, sizeof(group), "239.7.0.%d", i);
		EXPECT_EQ(0, mreqn(self->fd, IP_ADD_MEMBERSHIP, group,
				   "0.0.0.0", self->dev0));
	}
	EXPECT_EQ(-ENOBUFS, mreqn(self->fd, IP_ADD_MEMBERSHIP, "239.7.0.5",
				  "0.0.0.0", self->dev0));
	EXPECT_EQ(0, mreqn(self->fd, IP_DROP_MEMBERSHIP, "239.7.0.2",
			   "0.0.0.0", self->dev0));
	EXPECT_EQ(0, mreqn(self->fd, IP_ADD_MEMBERSHIP, "239.7.0.5",
			   "0.0.0.0", self->dev0));
}

TEST_F(opt, bound_of_groups)
{
	int other;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has no such bound");
	ASSERT_EQ(0, sysctl_write("mcast_max_groups", "2"));
	EXPECT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, G1, self->dev0));
	EXPECT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, G6, self->dev0));
	EXPECT_EQ(-ENOBUFS, group_req(self->fd, MCAST_JOIN_GROUP, G2,
				      self->dev0));
	/* Who joins what is there already needs no more. */
	other = udp_form(FORM_IN);
	EXPECT_EQ(0, group_req(other, MCAST_JOIN_GROUP, G1, self->dev0));
	close(other);
}

TEST_F(opt, sources)
{
	int fd = self->fd;

	/* Without a membership, in the wrong mode. */
	EXPECT_EQ(-EINVAL, mreq_source(fd, IP_BLOCK_SOURCE, G1, "10.0.0.1",
				       "10.0.0.2"));
	EXPECT_EQ(0, mreq(fd, IP_ADD_MEMBERSHIP, G1, "10.0.0.2"));
	EXPECT_EQ(0, mreq_source(fd, IP_BLOCK_SOURCE, G1, "10.0.0.1",
				 "10.0.0.2"));
	EXPECT_EQ(-EADDRNOTAVAIL, mreq_source(fd, IP_BLOCK_SOURCE, G1,
					      "10.0.0.1", "10.0.0.2"));
	EXPECT_EQ(-EINVAL, mreq_source(fd, IP_ADD_SOURCE_MEMBERSHIP, G1,
				       "10.0.0.1", "10.0.0.2"));
	EXPECT_EQ(-EADDRNOTAVAIL, mreq_source(fd, IP_UNBLOCK_SOURCE, G1,
					      "10.0.0.3", "10.0.0.2"));
	EXPECT_EQ(0, mreq_source(fd, IP_UNBLOCK_SOURCE, G1, "10.0.0.1",
				 "10.0.0.2"));
	/* The list is empty again, and yet it is one. */
	EXPECT_EQ(-EINVAL, mreq_source(fd, IP_ADD_SOURCE_MEMBERSHIP, G1,
				       "10.0.0.1", "10.0.0.2"));
	EXPECT_EQ(0, mreq(fd, IP_DROP_MEMBERSHIP, G1, "10.0.0.2"));
	/* Without one the mode may change. */
	EXPECT_EQ(0, mreq(fd, IP_ADD_MEMBERSHIP, G1, "10.0.0.2"));
	EXPECT_EQ(0, mreq_source(fd, IP_ADD_SOURCE_MEMBERSHIP, G1, "10.0.0.1",
				 "10.0.0.2"));
	EXPECT_EQ(0, mreq_source(fd, IP_ADD_SOURCE_MEMBERSHIP, G1, "10.0.0.3",
				 "10.0.0.2"));
	EXPECT_EQ(0, mreq_source(fd, IP_DROP_SOURCE_MEMBERSHIP, G1, "10.0.0.1",
				 "10.0.0.2"));
	/* To include nothing is to be no member. */
	EXPECT_EQ(0, mreq_source(fd, IP_DROP_SOURCE_MEMBERSHIP, G1, "10.0.0.3",
				 "10.0.0.2"));
	EXPECT_EQ(-EADDRNOTAVAIL, mreq(fd, IP_DROP_MEMBERSHIP, G1, "10.0.0.2"));
	EXPECT_EQ(-EINVAL, opt(fd, IPPROTO_IP, IP_BLOCK_SOURCE, "xxxxxxxxxxxxx",
			       13));
}

TEST_F(opt, bound_of_sources)
{
	char source[32];

	ASSERT_EQ(0, sysctl_write("igmp_max_msf", "3"));
	for (int i = 1; i <= 3; i++) {
		snprintf(source, sizeof(source), "10.7.0.%d", i);
		EXPECT_EQ(0, source_req(self->fd, MCAST_JOIN_SOURCE_GROUP, G1,
					source, self->dev0));
	}
	EXPECT_EQ(-ENOBUFS, source_req(self->fd, MCAST_JOIN_SOURCE_GROUP, G1,
				       "10.7.0.4", self->dev0));
	EXPECT_EQ(-ENOBUFS, set_filter(self->fd, G1, self->dev0, MCAST_INCLUDE,
				       "10.7.0.1", 4));
	EXPECT_EQ(0, set_filter(self->fd, G1, self->dev0, MCAST_INCLUDE,
				"10.8.0.1", 3));
}

static void filters(struct __test_metadata *_metadata, int fd, int dev,
		    const char *group, const char *source)
{
	unsigned int n = SRC_MAX;

	EXPECT_EQ(-EADDRNOTAVAIL, get_filter(fd, group, dev, &n));
	EXPECT_EQ(-EINVAL, set_filter(fd, group, dev, MCAST_EXCLUDE, source, 2));
	EXPECT_EQ(0, group_req(fd, MCAST_JOIN_GROUP, group, dev));
	EXPECT_EQ(MCAST_EXCLUDE, get_filter(fd, group, dev, &n));
	EXPECT_EQ(0, n);
	EXPECT_EQ(0, set_filter(fd, group, dev, MCAST_INCLUDE, source, 5));
	n = SRC_MAX;
	EXPECT_EQ(MCAST_INCLUDE, get_filter(fd, group, dev, &n));
	EXPECT_EQ(5, n);
	/* Less room than sources: the number is told all the same. */
	n = 2;
	EXPECT_EQ(MCAST_INCLUDE, get_filter(fd, group, dev, &n));
	EXPECT_EQ(5, n);
	EXPECT_EQ(-EINVAL, set_filter(fd, group, dev, 7, source, 1));
	EXPECT_EQ(-ENODEV, set_filter(fd, group, 999, MCAST_EXCLUDE, source, 1));
	EXPECT_EQ(0, set_filter(fd, group, dev, MCAST_EXCLUDE, source, 0));
	EXPECT_EQ(0, set_filter(fd, group, dev, MCAST_INCLUDE, source, 0));
	EXPECT_EQ(-EADDRNOTAVAIL, group_req(fd, MCAST_LEAVE_GROUP, group, dev));
}

TEST_F(opt, filter)
{
	filters(_metadata, self->fd, self->dev0, G1, "10.7.0.1");
}

TEST_F(opt, filter6)
{
	filters(_metadata, self->fd6, self->dev0, G6, "fd00::1");
}

TEST_F(opt, ip_msfilter)
{
	union {
		struct ip_msfilter f;
		char room[IP_MSFILTER_SIZE(4)];
	} u = {};
	socklen_t len = sizeof(u);

	EXPECT_EQ(0, mreq(self->fd, IP_ADD_MEMBERSHIP, G1, "10.0.0.2"));
	u.f.imsf_multiaddr = ip4(G1);
	u.f.imsf_interface = ip4("10.0.0.2");
	u.f.imsf_fmode = MCAST_EXCLUDE;
	u.f.imsf_numsrc = 2;
	u.f.imsf_slist[0] = ip4("10.7.0.1");
	(&u.f.imsf_slist[0])[1] = ip4("10.7.0.2");
	EXPECT_EQ(0, opt(self->fd, IPPROTO_IP, IP_MSFILTER, &u,
			 IP_MSFILTER_SIZE(2)));
	EXPECT_EQ(-EINVAL, opt(self->fd, IPPROTO_IP, IP_MSFILTER, &u,
			       IP_MSFILTER_SIZE(1)));
	EXPECT_EQ(-EINVAL, opt(self->fd, IPPROTO_IP, IP_MSFILTER, &u, 8));
	memset(u.f.imsf_slist, 0, 8);
	u.f.imsf_numsrc = 4;
	EXPECT_EQ(0, getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER, &u, &len));
	EXPECT_EQ(IP_MSFILTER_SIZE(2), len);
	EXPECT_EQ(2, u.f.imsf_numsrc);
	EXPECT_EQ(MCAST_EXCLUDE, u.f.imsf_fmode);
	EXPECT_EQ(ip4("10.7.0.1").s_addr, u.f.imsf_slist[0].s_addr);
}

TEST_F(opt, protocol_independent)
{
	struct group_req r = { .gr_interface = self->dev0 };

	EXPECT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, G1, self->dev0));
	EXPECT_EQ(-EADDRINUSE, group_req(self->fd, MCAST_JOIN_GROUP, G1,
					 self->dev0));
	EXPECT_EQ(0, group_req(self->fd, MCAST_LEAVE_GROUP, G1, self->dev0));
	EXPECT_EQ(-EADDRNOTAVAIL, group_req(self->fd, MCAST_LEAVE_GROUP, G1,
					    self->dev0));
	EXPECT_EQ(-EINVAL, opt(self->fd, IPPROTO_IP, MCAST_JOIN_GROUP, &r,
			       sizeof(r) - 1));
	/* The wrong version for the level. */
	r.gr_group = ss_of(G6, 0);
	EXPECT_EQ(-EINVAL, opt(self->fd, IPPROTO_IP, MCAST_JOIN_GROUP, &r,
			       sizeof(r)));
	r.gr_group = ss_of(G1, 0);
	EXPECT_EQ(-EADDRNOTAVAIL, opt(self->fd6, IPPROTO_IPV6, MCAST_JOIN_GROUP,
				      &r, sizeof(r)));
}

TEST_F(opt, ipv6)
{
	EXPECT_EQ(0, mreq6(self->fd6, IPV6_JOIN_GROUP, G6, self->dev0));
	EXPECT_EQ(-EADDRINUSE, mreq6(self->fd6, IPV6_JOIN_GROUP, G6,
				     self->dev0));
	/* 0 stands for any device. */
	EXPECT_EQ(-EADDRINUSE, mreq6(self->fd6, IPV6_JOIN_GROUP, G6, 0));
	EXPECT_EQ(0, mreq6(self->fd6, IPV6_JOIN_GROUP, G6, self->dev1));
	EXPECT_EQ(-ENODEV, mreq6(self->fd6, IPV6_JOIN_GROUP, G6B, 999));
	EXPECT_EQ(-EINVAL, mreq6(self->fd6, IPV6_JOIN_GROUP, "fd00::9",
				 self->dev0));
	EXPECT_EQ(0, mreq6(self->fd6, IPV6_LEAVE_GROUP, G6, 0));
	EXPECT_EQ(0, mreq6(self->fd6, IPV6_LEAVE_GROUP, G6, 0));
	EXPECT_EQ(-EADDRNOTAVAIL, mreq6(self->fd6, IPV6_LEAVE_GROUP, G6, 0));
	EXPECT_EQ(0, source_req(self->fd6, MCAST_JOIN_SOURCE_GROUP, G6,
				"fd00::1", self->dev0));
	EXPECT_EQ(-EADDRNOTAVAIL, source_req(self->fd6, MCAST_JOIN_SOURCE_GROUP,
					     G6, "fd00::1", self->dev0));
	EXPECT_EQ(-EINVAL, source_req(self->fd6, MCAST_BLOCK_SOURCE, G6,
				      "fd00::1", self->dev0));
	EXPECT_EQ(0, source_req(self->fd6, MCAST_LEAVE_SOURCE_GROUP, G6,
				"fd00::1", self->dev0));
}

TEST_F(opt, multicast_if)
{
	struct in_addr got;
	socklen_t len = sizeof(got);
	struct ip_mreqn r = {};
	int fd = self->fd;

	EXPECT_EQ(0, opt(fd, IPPROTO_IP, IP_MULTICAST_IF,
			 &(struct in_addr[]){ ip4("10.0.0.2") }, 4));
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &got, &len));
	EXPECT_EQ(ip4("10.0.0.2").s_addr, got.s_addr);
	EXPECT_EQ(-EADDRNOTAVAIL, opt(fd, IPPROTO_IP, IP_MULTICAST_IF,
				      &(struct in_addr[]){ ip4("10.9.9.9") }, 4));
	r.imr_ifindex = self->dev1;
	EXPECT_EQ(0, opt(fd, IPPROTO_IP, IP_MULTICAST_IF, &r, sizeof(r)));
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &got, &len));
	EXPECT_EQ(0, got.s_addr);
	r.imr_ifindex = 999;
	EXPECT_EQ(-EADDRNOTAVAIL, opt(fd, IPPROTO_IP, IP_MULTICAST_IF, &r,
				      sizeof(r)));
	EXPECT_EQ(-EINVAL, opt(fd, IPPROTO_IP, IP_MULTICAST_IF, &r, 3));
	EXPECT_EQ(0, opt(fd, IPPROTO_IP, IP_MULTICAST_IF,
			 &(struct in_addr){}, 4));

	EXPECT_EQ(0, set_opt(self->fd6, IPPROTO_IPV6, IPV6_MULTICAST_IF,
			     self->dev1));
	EXPECT_EQ(self->dev1, get_opt(self->fd6, IPPROTO_IPV6,
				      IPV6_MULTICAST_IF));
	EXPECT_EQ(-ENODEV, opt(self->fd6, IPPROTO_IPV6, IPV6_MULTICAST_IF,
			       &(int){ 999 }, sizeof(int)));
	EXPECT_EQ(-EINVAL, opt(self->fd6, IPPROTO_IPV6, IPV6_MULTICAST_IF,
			       &(int){ 1 }, 3));
}

TEST_F(opt, bound_to_another_device)
{
	struct ip_mreqn r = { .imr_ifindex = self->dev1 };

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "veth0",
				5));
	EXPECT_EQ(-EINVAL, opt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &r,
			       sizeof(r)));
	r.imr_ifindex = self->dev0;
	EXPECT_EQ(0, opt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &r, sizeof(r)));
}

TEST_F(opt, numbers)
{
	int fd = self->fd, fd6 = self->fd6;

	EXPECT_EQ(1, get_opt(fd, IPPROTO_IP, IP_MULTICAST_TTL));
	EXPECT_EQ(1, get_opt(fd, IPPROTO_IP, IP_MULTICAST_LOOP));
	EXPECT_EQ(1, get_opt(fd, IPPROTO_IP, IP_MULTICAST_ALL));
	EXPECT_EQ(0, set_opt(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0));
	EXPECT_EQ(0, get_opt(fd, IPPROTO_IP, IP_MULTICAST_ALL));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(fd, IPPROTO_IP, IP_MULTICAST_ALL, 2)));
	EXPECT_EQ(-ENOPROTOOPT, get_opt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP));

	EXPECT_EQ(1, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS));
	EXPECT_EQ(0, set_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 7));
	EXPECT_EQ(7, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS));
	EXPECT_EQ(0, set_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, -1));
	EXPECT_EQ(1, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(fd6, IPPROTO_IPV6,
					 IPV6_MULTICAST_HOPS, 256)));
	EXPECT_EQ(1, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP));
	EXPECT_EQ(-EINVAL, ERRNO(set_opt(fd6, IPPROTO_IPV6,
					 IPV6_MULTICAST_LOOP, 2)));
	EXPECT_EQ(0, set_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0));
	EXPECT_EQ(0, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP));
	EXPECT_EQ(1, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_ALL));
	EXPECT_EQ(0, set_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0));
	EXPECT_EQ(0, get_opt(fd6, IPPROTO_IPV6, IPV6_MULTICAST_ALL));
}

/* Close, delete, detach and leave, in any order. */
TEST_F(opt, the_device_goes_first)
{
	EXPECT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, G1, self->dev0));
	EXPECT_EQ(0, source_req(self->fd, MCAST_BLOCK_SOURCE, G1, "10.0.0.1",
				self->dev0));
	EXPECT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, G2, self->dev0));
	EXPECT_EQ(0, group_req(self->fd6, MCAST_JOIN_GROUP, G6, self->dev0));
	ASSERT_EQ(0, sh("ip link del veth0"));
	EXPECT_EQ(-ENODEV, source_req(self->fd, MCAST_BLOCK_SOURCE, G1,
				      "10.0.0.3", self->dev0));
	EXPECT_EQ(0, group_req(self->fd, MCAST_LEAVE_GROUP, G1, self->dev0));
	EXPECT_EQ(-ENODEV, group_req(self->fd, MCAST_JOIN_GROUP, G1,
				     self->dev0));
	EXPECT_EQ(0, group_req(self->fd6, MCAST_LEAVE_GROUP, G6, self->dev0));
}

/* ---- Packets ------------------------------------------------------------------ */

FIXTURE(net) {
	struct pair p;
	int fd, other;		/* of the family under test, bound to the port */
	int linux_fd;		/* of Linux, bound to it */
	int dev;		/* ours */
	int linux_dev;
	const char *group, *us, *them;
};

FIXTURE_VARIANT(net) {
	bool v6;
};

FIXTURE_VARIANT_ADD(net, v4)	{ .v6 = false };
FIXTURE_VARIANT_ADD(net, v6)	{ .v6 = true };

static int bound_udp(int ns, int home, bool toy, bool v6)
{
	struct sockaddr_storage any = ss_of(v6 ? "::" : "0.0.0.0", PORT);
	int fd = socket_in(ns, home, toy && TESTING_TOY ? AF_TOY :
			   v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || set_opt(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    bind(fd, (void *)&any, v6 ? sizeof(struct sockaddr_in6) :
					sizeof(struct sockaddr_in)))
		return -1;
	return fd;
}

FIXTURE_SETUP(net)
{
	bool v6 = variant->v6;

	ASSERT_EQ(0, pair_make(&self->p));
	self->dev = if_nametoindex("veth1");
	self->group = v6 ? G6 : G1;
	self->us = v6 ? "fd00::2" : "10.0.0.2";
	self->them = v6 ? "fd00::1" : "10.0.0.1";
	if (v6) {
		const char *nodad = TESTING_TOY ? "" : "nodad";

		if (sh("%s addr add fd00::2/64 dev veth1 %s",
		       TESTING_TOY ? "toy" : "ip", nodad))
			SKIP(return, "no IPv6");
		ASSERT_EQ(0, netns_enter(self->p.a));
		ASSERT_EQ(0, sh("ip addr add fd00::1/64 dev veth0 nodad"));
		ASSERT_EQ(0, netns_enter(self->p.b));
	}
	self->fd = bound_udp(self->p.b, self->p.b, true, v6);
	self->other = bound_udp(self->p.b, self->p.b, true, v6);
	self->linux_fd = bound_udp(self->p.a, self->p.b, false, v6);
	if (v6 && TESTING_TOY && self->fd < 0)
		SKIP(return, "no IPv6");
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->other);
	ASSERT_LE(0, self->linux_fd);
	ASSERT_EQ(0, netns_enter(self->p.a));
	self->linux_dev = if_nametoindex("veth0");
	ASSERT_EQ(0, netns_enter(self->p.b));
}

FIXTURE_TEARDOWN(net)
{
	close(self->fd);
	close(self->other);
	close(self->linux_fd);
}

static int send_by(int fd, const char *group, int dev)
{
	struct sockaddr_storage to = ss_of(group, PORT);
	struct ip_mreqn r = { .imr_ifindex = dev };
	bool v6 = level_of(group) == IPPROTO_IPV6;

	if (v6 ? set_opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, dev) :
		 setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &r, sizeof(r)))
		return -errno;
	return ERRNO(sendto(fd, "hello", 5, 0, (void *)&to,
			    v6 ? sizeof(struct sockaddr_in6) :
				 sizeof(struct sockaddr_in)));
}

static bool hears(int fd)
{
	char data[16];

	return recv_now(fd, data, sizeof(data), 0) == 5;
}

static int set_loop(int fd, bool v6, int on)
{
	return v6 ? set_opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, on) :
		    set_opt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, on);
}

static int set_hops(int fd, bool v6, int n)
{
	return v6 ? set_opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, n) :
		    set_opt(fd, IPPROTO_IP, IP_MULTICAST_TTL, n);
}

static int set_hear_all(int fd, bool v6, int on)
{
	return v6 ? set_opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, on) :
		    set_opt(fd, IPPROTO_IP, IP_MULTICAST_ALL, on);
}

TEST_F(net, members_hear)
{
	/* Nobody is a member. */
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(silent(self->fd));
	ASSERT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->fd));
	/* IP_MULTICAST_ALL: whoever is bound hears what reaches the host. */
	EXPECT_TRUE(hears(self->other));
	ASSERT_EQ(0, set_hear_all(self->other, variant->v6, 0));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->fd));
	EXPECT_TRUE(silent(self->other));
	ASSERT_EQ(0, group_req(self->other, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->fd));
	EXPECT_TRUE(hears(self->other));
	ASSERT_EQ(0, group_req(self->other, MCAST_LEAVE_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(0, group_req(self->fd, MCAST_LEAVE_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(silent(self->fd));
}

TEST_F(net, linux_hears)
{
	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, group_req(self->linux_fd, MCAST_JOIN_GROUP, self->group,
			       self->linux_dev));
	ASSERT_EQ(0, netns_enter(self->p.b));
	ASSERT_EQ(5, send_by(self->fd, self->group, self->dev));
	EXPECT_TRUE(hears(self->linux_fd));
}

TEST_F(net, sources_that_are_included)
{
	ASSERT_EQ(0, set_hear_all(self->other, variant->v6, 0));
	ASSERT_EQ(0, source_req(self->fd, MCAST_JOIN_SOURCE_GROUP, self->group,
				self->them, self->dev));
	ASSERT_EQ(0, source_req(self->other, MCAST_JOIN_SOURCE_GROUP,
				self->group, self->us, self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->fd));
	EXPECT_TRUE(silent(self->other));
	/* Ours comes by the loop. */
	ASSERT_EQ(5, send_by(self->fd, self->group, self->dev));
	EXPECT_TRUE(hears(self->other));
	EXPECT_TRUE(silent(self->fd));
	ASSERT_EQ(0, source_req(self->fd, MCAST_LEAVE_SOURCE_GROUP, self->group,
				self->them, self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(silent(self->fd));
	EXPECT_TRUE(silent(self->other));
}

TEST_F(net, sources_that_are_excluded)
{
	ASSERT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(0, source_req(self->fd, MCAST_BLOCK_SOURCE, self->group,
				self->them, self->dev));
	ASSERT_EQ(0, group_req(self->other, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->other));
	EXPECT_TRUE(silent(self->fd));
	ASSERT_EQ(0, source_req(self->fd, MCAST_UNBLOCK_SOURCE, self->group,
				self->them, self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->other));
	EXPECT_TRUE(hears(self->fd));
}

TEST_F(net, loop)
{
	ASSERT_EQ(0, group_req(self->other, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(5, send_by(self->fd, self->group, self->dev));
	EXPECT_TRUE(hears(self->other));
	EXPECT_TRUE(hears(self->fd));
	ASSERT_EQ(0, set_loop(self->fd, variant->v6, 0));
	ASSERT_EQ(5, send_by(self->fd, self->group, self->dev));
	EXPECT_TRUE(silent(self->other));
}

/* TTL 0 does not leave the host. */
TEST_F(net, hops)
{
	ASSERT_EQ(0, netns_enter(self->p.a));
	ASSERT_EQ(0, group_req(self->linux_fd, MCAST_JOIN_GROUP, self->group,
			       self->linux_dev));
	ASSERT_EQ(0, netns_enter(self->p.b));
	ASSERT_EQ(0, group_req(self->other, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(0, set_hops(self->fd, variant->v6, 0));
	ASSERT_EQ(5, send_by(self->fd, self->group, self->dev));
	EXPECT_TRUE(hears(self->other));
	EXPECT_TRUE(silent(self->linux_fd));
	ASSERT_EQ(0, set_hops(self->fd, variant->v6, 1));
	ASSERT_EQ(5, send_by(self->fd, self->group, self->dev));
	EXPECT_TRUE(hears(self->linux_fd));
}

/* Bound to the group: nothing else comes. */
TEST_F(net, bound_to_a_group)
{
	struct sockaddr_storage ss = ss_of(variant->v6 ? G6B : G2, PORT);
	const char *second = variant->v6 ? G6B : G2;
	int fd = socket(form_domain(variant->v6 ? FORM_IN6 : FORM_IN),
			SOCK_DGRAM, 0);

	ASSERT_EQ(0, set_opt(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_EQ(0, bind(fd, (void *)&ss, sizeof(struct sockaddr_in6)));
	ASSERT_EQ(0, group_req(fd, MCAST_JOIN_GROUP, self->group, self->dev));
	ASSERT_EQ(0, group_req(fd, MCAST_JOIN_GROUP, second, self->dev));
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(silent(fd));
	ASSERT_EQ(5, send_by(self->linux_fd, second, self->linux_dev));
	EXPECT_TRUE(hears(fd));
	close(fd);
}

/* A connected socket hears its peer only. */
TEST_F(net, connected_to_a_group)
{
	struct sockaddr_storage to = ss_of(self->group, PORT);
	int fd = socket(form_domain(variant->v6 ? FORM_IN6 : FORM_IN),
			SOCK_DGRAM, 0);
	struct ip_mreqn r = { .imr_ifindex = self->dev };

	ASSERT_EQ(0, variant->v6 ?
		     set_opt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, self->dev) :
		     setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &r, sizeof(r)));
	ASSERT_EQ(0, connect(fd, (void *)&to, sizeof(struct sockaddr_in6)));
	EXPECT_STREQ(self->us, strndupa(name_of(fd) + variant->v6,
					strlen(self->us)));
	ASSERT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	EXPECT_EQ(5, send(fd, "hello", 5, 0));
	EXPECT_TRUE(hears(self->fd));
	close(fd);
}

TEST_F(net, the_device_is_down_for_a_while)
{
	ASSERT_EQ(0, group_req(self->fd, MCAST_JOIN_GROUP, self->group,
			       self->dev));
	ASSERT_EQ(0, sh("ip link set veth1 down && ip link set veth1 up"));
	ASSERT_EQ(0, link_wait("veth1"));
	if (variant->v6 && !TESTING_TOY)
		return;		/* AF_INET6 has lost its address */
	ASSERT_EQ(5, send_by(self->linux_fd, self->group, self->linux_dev));
	EXPECT_TRUE(hears(self->fd));
}

TOY_TEST_MAIN
