// SPDX-License-Identifier: GPL-2.0-only
/*
 * The family itself: which sockets socket(2) makes, who may make them, and how
 * each call refuses what makes no sense. The expectation is never written
 * down where AF_INET can be asked: both families get the same call, and the
 * answers must be equal.
 */
#include "toy_test.h"

#include <grp.h>
#include <netinet/tcp.h>
#include <sys/mman.h>

#define BAD_PTR		((void *)1)

static const int types[] = {
	0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET,
	SOCK_DCCP, 7, 8, 9, 11, 15, 0x100, -1,
};	/* not 10: for AF_INET that means AF_PACKET */

static const int protocols[] = {
	0, IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_TCP, IPPROTO_EGP, IPPROTO_UDP,
	IPPROTO_IPV6, IPPROTO_GRE, IPPROTO_ESP, IPPROTO_ICMPV6, IPPROTO_SCTP,
	IPPROTO_UDPLITE, 200, IPPROTO_RAW, 256, TOYPROTO_TCP, TOYPROTO_UDP,
	100000, -1,
};

/* 0 when the socket can be made, otherwise its errno. */
static int try_socket(int domain, int type, int protocol)
{
	int fd = socket(domain, type, protocol);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Which types have any protocol at all; asked as root. */
static bool type_exists[ARRAY_SIZE(types)];

static void learn_types(void)
{
	int t, p;

	for (t = 0; t < ARRAY_SIZE(types); t++)
		for (p = 0; p < ARRAY_SIZE(protocols); p++)
			if (!try_socket(test_family(), types[t], protocols[p]))
				type_exists[t] = true;
}

/* A protocol that only AF_INET has is as unknown to AF_TOY as number 200, and
 * a type without any protocol is unknown as a type. AF_INET6's ping socket is
 * AF_TOY's too.
 */
static int expected(int t, int protocol)
{
	bool ping6 = TESTING_TOY && types[t] == SOCK_DGRAM &&
		     protocol == IPPROTO_ICMPV6;
	int want = try_socket(ping6 ? AF_INET6 : AF_INET, types[t], protocol);

	if (!TESTING_TOY)
		return want;
	if (!type_exists[t] &&
	    (!want || want == EPROTONOSUPPORT || want == EPERM))
		return ESOCKTNOSUPPORT;
	if (!want && types[t] != SOCK_RAW &&
	    (protocol == IPPROTO_SCTP || protocol == IPPROTO_UDPLITE))
		return EPROTONOSUPPORT;
	return want;
}

static void compare_all(struct __test_metadata *_metadata)
{
	int t, p, want, got;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (p = 0; p < ARRAY_SIZE(protocols); p++) {
			want = expected(t, protocols[p]);
			got = try_socket(test_family(), types[t], protocols[p]);
			EXPECT_EQ(want, got) {
				TH_LOG("socket(%d, %d, %d): %s, not %s",
				       test_family(), types[t], protocols[p],
				       strerror(got), strerror(want));
			}
		}
	}
}

static int become(uid_t uid, gid_t gid)
{
	return setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	       setresuid(uid, uid, uid);
}

/* Who may have ping sockets is another test's question. */
static void open_to_all_groups(void)
{
	sysctl_write("ping_group_range", "0 2147483647");
	sh("echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range");
}

FIXTURE(family) {
	int fd;		/* a socket of the family under test */
	int inet;	/* its AF_INET twin */
};

FIXTURE_SETUP(family)
{
	ASSERT_LE(0, netns_new());
	self->fd = socket(test_family(), SOCK_DGRAM, 0);
	ASSERT_LE(0, self->fd) TH_LOG("no socket: %s", strerror(errno));
	self->inet = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_LE(0, self->inet);
}

FIXTURE_TEARDOWN(family)
{
	close(self->fd);
	close(self->inet);
}

/* The kernel asks modprobe about each pair that it does not know, which takes
 * its time. Not now.
 */
FIXTURE(table) {
	char modprobe[256];
};

static void write_modprobe(const char *path)
{
	int fd = open("/proc/sys/kernel/modprobe", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, path, strlen(path)) < 0)
		perror("/proc/sys/kernel/modprobe");
	close(fd);
}

FIXTURE_SETUP(table)
{
	int fd = open("/proc/sys/kernel/modprobe", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, self->modprobe, sizeof(self->modprobe) - 1) > 0)
			write_modprobe("\n");
		close(fd);
	}
	ASSERT_LE(0, netns_new());
	open_to_all_groups();
	learn_types();
}

FIXTURE_TEARDOWN_PARENT(table)
{
	if (self->modprobe[0])
		write_modprobe(self->modprobe);
}

TEST_F_TIMEOUT(table, as_root, 120)
{
	compare_all(_metadata);
}

TEST_F_TIMEOUT(table, as_nobody, 120)
{
	ASSERT_EQ(0, become(65534, 65534));
	compare_all(_metadata);
}

TEST_F(family, udp_is_the_default_datagram)
{
	int fd = socket(test_family(), SOCK_DGRAM, IPPROTO_UDP);

	ASSERT_LE(0, fd);
	EXPECT_EQ(get_opt(self->fd, SOL_SOCKET, SO_PROTOCOL),
		  get_opt(fd, SOL_SOCKET, SO_PROTOCOL));
}

/* Numbers of its own: kernel code casts sockets by IPPROTO_*. */
TEST_F(family, domain_type_protocol)
{
	EXPECT_EQ(test_family(), get_opt(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(SOCK_DGRAM, get_opt(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(TESTING_TOY ? TOYPROTO_UDP : IPPROTO_UDP,
		  get_opt(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(0, get_opt(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_opt(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(family, nonblock_and_cloexec)
{
	int fd = socket(test_family(), SOCK_DGRAM | SOCK_NONBLOCK, 0);
	char c;

	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_FALSE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(-EAGAIN, ERRNO(recv(fd, &c, 1, 0)));

	fd = socket(test_family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	EXPECT_FALSE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);

	EXPECT_EQ(-EINVAL, ERRNO(socket(test_family(), SOCK_DGRAM | 0x10, 0)));
}

/* Memory limits start where net.core says, as for every family. */
TEST_F(family, buffers_have_the_usual_sizes)
{
	EXPECT_EQ(get_opt(self->inet, SOL_SOCKET, SO_RCVBUF),
		  get_opt(self->fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(get_opt(self->inet, SOL_SOCKET, SO_SNDBUF),
		  get_opt(self->fd, SOL_SOCKET, SO_SNDBUF));
}

TEST_F(family, is_in_proc_net_protocols)
{
	if (!TESTING_TOY)
		SKIP(return, "a question about af_toy");
	EXPECT_EQ(0, sh("grep -qi '^toy.*udp\\|^udp.*toy' /proc/self/net/protocols"));
}

/* ---- Who may open sockets ----------------------------------------------- */

/* Both ranges work alike; the control has one for ping sockets only. */
static int group_limited_socket(void)
{
	if (TESTING_TOY)
		return try_socket(AF_TOY, SOCK_DGRAM, 0);
	return try_socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
}

static const char *group_sysctl(void)
{
	return TESTING_TOY ? "socket_group_range" : "ping_group_range";
}

TEST_F(family, group_range_admits_its_groups)
{
	ASSERT_EQ(0, sysctl_write(group_sysctl(), "1000 1001"));
	ASSERT_EQ(0, become(1000, 1001));
	EXPECT_EQ(0, group_limited_socket());
}

TEST_F(family, group_range_admits_supplementary_groups)
{
	gid_t extra = 1001;

	ASSERT_EQ(0, sysctl_write(group_sysctl(), "1000 1001"));
	ASSERT_EQ(0, setgroups(1, &extra));
	ASSERT_EQ(0, setresgid(7, 7, 7));
	ASSERT_EQ(0, setresuid(1000, 1000, 1000));
	EXPECT_EQ(0, group_limited_socket());
}

TEST_F(family, group_range_refuses_others)
{
	ASSERT_EQ(0, sysctl_write(group_sysctl(), "1000 1001"));
	ASSERT_EQ(0, become(1000, 1002));
	EXPECT_EQ(EACCES, group_limited_socket());
}

TEST_F(family, group_range_reads_back)
{
	char text[64];

	ASSERT_EQ(0, sysctl_write(group_sysctl(), "5 9"));
	ASSERT_EQ(0, sysctl_read(group_sysctl(), text, sizeof(text)));
	EXPECT_STREQ("5\t9\n", text);
	EXPECT_EQ(-EINVAL, sysctl_write(group_sysctl(), "five"));

	/* Upside down means nobody. */
	EXPECT_EQ(0, sysctl_write(group_sysctl(), "9 5"));
	ASSERT_EQ(0, sysctl_read(group_sysctl(), text, sizeof(text)));
	EXPECT_STREQ("1\t0\n", text);
}

TEST_F(family, group_range_is_per_namespace)
{
	ASSERT_EQ(0, sysctl_write(group_sysctl(), "1000 1001"));
	ASSERT_LE(0, netns_new());
	ASSERT_EQ(0, sysctl_write(group_sysctl(), "2000 2000"));
	ASSERT_EQ(0, become(1000, 2000));
	EXPECT_EQ(0, group_limited_socket());
}

/* ---- Options that do not exist ------------------------------------------ */

TEST_F(family, unknown_options)
{
	static const struct { int level, name; } unknown[] = {
		{ SOL_SOCKET, 9999 }, { SOL_SOCKET, 0 }, { SOL_SOCKET, -1 },
		{ IPPROTO_IP, 9999 }, { IPPROTO_UDP, 9999 },
		{ IPPROTO_UDP, 0 }, { IPPROTO_TCP, TCP_NODELAY },
		{ SOL_RAW, 1 }, { 9999, 1 }, { -1, 1 },
	};
	int i, v, want;
	socklen_t len;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		v = 1;
		want = ERRNO(setsockopt(self->inet, unknown[i].level,
					unknown[i].name, &v, sizeof(v)));
		EXPECT_EQ(want,
			  ERRNO(setsockopt(self->fd, unknown[i].level,
					   unknown[i].name, &v, sizeof(v)))) {
			TH_LOG("set level %d option %d", unknown[i].level,
			       unknown[i].name);
		}
		len = sizeof(v);
		want = ERRNO(getsockopt(self->inet, unknown[i].level,
					unknown[i].name, &v, &len));
		len = sizeof(v);
		EXPECT_EQ(want,
			  ERRNO(getsockopt(self->fd, unknown[i].level,
					   unknown[i].name, &v, &len))) {
			TH_LOG("get level %d option %d", unknown[i].level,
			       unknown[i].name);
		}
	}
	if (TESTING_TOY)
		EXPECT_EQ(-ENOPROTOOPT, ERRNO(set_opt(self->fd, SOL_TOY, 99, 1)));
}

/* Every number at level SOL_SOCKET is known to both or to neither. */
TEST_F(family, socket_level_is_the_same)
{
	socklen_t want_len, got_len;
	int name, want, got;
	char value[256];

	for (name = 1; name < 90; name++) {
		want_len = sizeof(value);
		want = ERRNO(getsockopt(self->inet, SOL_SOCKET, name, value,
					&want_len));
		got_len = sizeof(value);
		got = ERRNO(getsockopt(self->fd, SOL_SOCKET, name, value,
				       &got_len));
		EXPECT_EQ(want, got) TH_LOG("SOL_SOCKET option %d", name);
		if (!want && !got)
			EXPECT_EQ(want_len, got_len) TH_LOG("option %d", name);
	}
}

TEST_F(family, option_pointers_and_lengths)
{
	static const struct { int level, name; } known[] = {
		{ SOL_SOCKET, SO_RCVBUF }, { SOL_SOCKET, SO_BROADCAST },
		{ SOL_SOCKET, SO_RCVTIMEO }, { SOL_SOCKET, SO_BINDTODEVICE },
		{ IPPROTO_IP, IP_TTL }, { IPPROTO_IP, 9999 },
		{ IPPROTO_UDP, 9999 }, { 9999, 9999 },
	};
	static const int lens[] = { 0, 1, 3, 4, 8, 16, -1, -2147483647 };
	int i, j, bad, want, got, value[8] = { 1 };
	socklen_t want_len, got_len;

	for (i = 0; i < ARRAY_SIZE(known) * ARRAY_SIZE(lens) * 2; i++) {
		int level = known[i / 2 / ARRAY_SIZE(lens)].level;
		int name = known[i / 2 / ARRAY_SIZE(lens)].name;
		void *p = value;

		j = lens[i / 2 % ARRAY_SIZE(lens)];
		bad = i % 2;
		if (bad)
			p = BAD_PTR;

		want = ERRNO(setsockopt(self->inet, level, name, p, j));
		got = ERRNO(setsockopt(self->fd, level, name, p, j));
		EXPECT_EQ(want, got) {
			TH_LOG("set level %d option %d length %d%s", level,
			       name, j, bad ? " bad pointer" : "");
		}
		want_len = j;
		got_len = j;
		want = ERRNO(getsockopt(self->inet, level, name, p, &want_len));
		got = ERRNO(getsockopt(self->fd, level, name, p, &got_len));
		EXPECT_EQ(want, got) {
			TH_LOG("get level %d option %d length %d%s", level,
			       name, j, bad ? " bad pointer" : "");
		}
		if (!want && !got)
			EXPECT_EQ(want_len, got_len);
	}
	EXPECT_EQ(-EFAULT, ERRNO(getsockopt(self->fd, SOL_SOCKET, SO_TYPE,
					    value, BAD_PTR)));
}

TEST_F(family, sol_toy_pointers_and_lengths)
{
	int value = 0;
	socklen_t len;

	if (!TESTING_TOY)
		SKIP(return, "a level of AF_TOY");
	EXPECT_EQ(-EINVAL, ERRNO(setsockopt(self->fd, SOL_TOY, TOY_SOCKADDR,
					    &value, 3)));
	EXPECT_EQ(-EFAULT, ERRNO(setsockopt(self->fd, SOL_TOY, TOY_SOCKADDR,
					    BAD_PTR, sizeof(value))));
	len = -1;
	EXPECT_EQ(-EINVAL, ERRNO(getsockopt(self->fd, SOL_TOY, TOY_SOCKADDR,
					    &value, &len)));
	len = sizeof(value);
	EXPECT_EQ(-EFAULT, ERRNO(getsockopt(self->fd, SOL_TOY, TOY_SOCKADDR,
					    BAD_PTR, &len)));
	EXPECT_EQ(-EFAULT, ERRNO(getsockopt(self->fd, SOL_TOY, TOY_SOCKADDR,
					    &value, BAD_PTR)));
}

/* ---- Addresses of the other version --------------------------------------- */

/* A socket of one version, as toyrun opens it. */
static int open_pinned(int domain, int type)
{
	int fd = socket(AF_TOY, type, 0);

	if (fd >= 0 && setsockopt(fd, SOL_TOY, TOY_SOCKADDR_ONLY, &domain,
				  sizeof(domain))) {
		close(fd);
		return -1;
	}
	return fd;
}

enum { PIN_BIND, PIN_CONNECT, PIN_SENDTO };

static int pinned_call(int fd, int call, const union addr *a, socklen_t len)
{
	int err = 0;

	if (fd < 0)
		return -1;
	if ((call == PIN_BIND ? bind(fd, &a->sa, len) :
	     call == PIN_CONNECT ? connect(fd, &a->sa, len) :
	     sendto(fd, "x", 1, MSG_NOSIGNAL, &a->sa, len) - 1))
		err = errno;
	close(fd);
	return err;
}

static union addr loopback_of(int form)
{
	union addr a = { .sa.sa_family = form };

	if (form == AF_INET6)
		a.in6.sin6_addr = in6addr_loopback;
	else if (form == AF_INET)
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* All lengths of an address, on a socket of AF_INET's or AF_INET6's and on one of
 * ours that is to be like it. The number of differences.
 */
static int differs(int domain, int type, int call, int form)
{
	static const int lens[] = { 2, 8, 15, 16, 23, 24, 28, sizeof(union addr) };
	union addr a = loopback_of(form);
	int l, want, got, n = 0;

	if (call != PIN_BIND)
		a.in.sin_port = htons(9);	/* both forms' */
	for (l = 0; l < ARRAY_SIZE(lens); l++) {
		want = pinned_call(socket(domain, type, 0), call, &a, lens[l]);
		got = pinned_call(open_pinned(domain, type), call, &a, lens[l]);
		if (want == got)
			continue;
		n++;
		printf("# domain %d type %d call %d form %d length %d: %s, not %s\n",
		       domain, type, call, form, lens[l], strerror(got),
		       strerror(want));
	}
	return n;
}

TEST(one_form_only)
{
	static const int domains[] = { AF_INET, AF_INET6 };
	static const int forms[] = { AF_INET, AF_INET6, AF_UNSPEC };
	int i, f;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET's sockets have one form");
	for (i = 0; i < 2; i++) {
		for (f = 0; f < ARRAY_SIZE(forms); f++) {
			EXPECT_EQ(0, differs(domains[i], SOCK_STREAM, PIN_BIND, forms[f]));
			EXPECT_EQ(0, differs(domains[i], SOCK_STREAM, PIN_CONNECT, forms[f]));
			EXPECT_EQ(0, differs(domains[i], SOCK_DGRAM, PIN_BIND, forms[f]));
			EXPECT_EQ(0, differs(domains[i], SOCK_DGRAM, PIN_CONNECT, forms[f]));
			/* To UDP over IPv6 that is no address. */
			if (forms[f] != AF_UNSPEC)
				EXPECT_EQ(0, differs(domains[i], SOCK_DGRAM, PIN_SENDTO,
						     forms[f]));
		}
	}
}

/* ---- Addresses that make no sense --------------------------------------- */

static int bind_fresh(int domain, const void *addr, socklen_t len)
{
	int fd = socket(domain, SOCK_DGRAM, 0);
	int ret = ERRNO(bind(fd, addr, len));

	close(fd);
	return ret;
}

static int connect_fresh(int domain, const void *addr, socklen_t len)
{
	int fd = socket(domain, SOCK_DGRAM, 0);
	int ret = ERRNO(connect(fd, addr, len));

	close(fd);
	return ret;
}

static int sendto_fresh(int domain, const void *addr, socklen_t len)
{
	int fd = socket(domain, SOCK_DGRAM, 0);
	int ret = ERRNO(sendto(fd, "x", 1, 0, addr, len));

	close(fd);
	return ret;
}

TEST_F(family, address_lengths)
{
	static const int lens[] = {
		-1, 0, 1, 2, 4, 7, 8, 15, 16, 17, 24, 27, 28, 128, 129, 4096,
	};
	union addr a = form_addr(FORM_IN, "127.0.0.1", 9);
	char page[4096] = {};
	int i;

	memcpy(page, &a.in, sizeof(a.in));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		EXPECT_EQ(bind_fresh(AF_INET, page, lens[i]),
			  bind_fresh(test_family(), page, lens[i])) {
			TH_LOG("bind, length %d", lens[i]);
		}
		EXPECT_EQ(connect_fresh(AF_INET, page, lens[i]),
			  connect_fresh(test_family(), page, lens[i])) {
			TH_LOG("connect, length %d", lens[i]);
		}
		EXPECT_EQ(sendto_fresh(AF_INET, page, lens[i]),
			  sendto_fresh(test_family(), page, lens[i])) {
			TH_LOG("sendto, length %d", lens[i]);
		}
	}
}

/* The longer forms cut short are as wrong as a short sockaddr_in. */
TEST_F(family, address_lengths_of_the_other_forms)
{
	enum form form;
	union addr a;
	int len;

	if (!TESTING_TOY)
		SKIP(return, "AF_INET has one form");
	for (form = FORM_IN6; form <= FORM_TOY; form++) {
		a = form_addr(form, "127.0.0.1", 9);
		/* AF_INET6 itself takes 24 bytes, without the scope. */
		for (len = 2; len < 24; len++)
			EXPECT_EQ(-EINVAL, bind_fresh(AF_TOY, &a, len)) {
				TH_LOG("bind, form %d, length %d", form, len);
			}
		EXPECT_EQ(0, bind_fresh(AF_TOY, &a, sizeof(a.in6)));
		EXPECT_EQ(0, bind_fresh(AF_TOY, &a, sizeof(a)));
	}
}

TEST_F(family, address_families)
{
	static const int families[] = {
		AF_UNSPEC, AF_UNIX, AF_INET, AF_X25, AF_NETLINK, AF_PACKET,
		45, 46, 255, 65535,
	};
	static const char * const ips[] = { "0.0.0.0", "127.0.0.1" };
	int i, j;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		for (j = 0; j < ARRAY_SIZE(ips); j++) {
			union addr a = form_addr(FORM_IN, ips[j], 9);

			a.sa.sa_family = families[i];
			EXPECT_EQ(bind_fresh(AF_INET, &a, sizeof(a.in)),
				  bind_fresh(test_family(), &a, sizeof(a.in))) {
				TH_LOG("bind, family %d, %s", families[i],
				       ips[j]);
			}
			EXPECT_EQ(connect_fresh(AF_INET, &a, sizeof(a.in)),
				  connect_fresh(test_family(), &a,
						sizeof(a.in))) {
				TH_LOG("connect, family %d, %s", families[i],
				       ips[j]);
			}
			EXPECT_EQ(sendto_fresh(AF_INET, &a, sizeof(a.in)),
				  sendto_fresh(test_family(), &a,
					       sizeof(a.in))) {
				TH_LOG("sendto, family %d, %s", families[i],
				       ips[j]);
			}
		}
	}
}

TEST_F(family, address_pointers)
{
	union addr a = {};
	socklen_t len = sizeof(a.in);

	EXPECT_EQ(-EFAULT, ERRNO(bind(self->fd, BAD_PTR, len)));
	EXPECT_EQ(-EFAULT, ERRNO(connect(self->fd, BAD_PTR, len)));
	EXPECT_EQ(-EFAULT, ERRNO(sendto(self->fd, "x", 1, 0, BAD_PTR, len)));
	EXPECT_EQ(-EFAULT, ERRNO(getsockname(self->fd, BAD_PTR, &len)));
	EXPECT_EQ(-EFAULT, ERRNO(getsockname(self->fd, &a.sa, BAD_PTR)));
	len = -1;
	EXPECT_EQ(-EINVAL, ERRNO(getsockname(self->fd, &a.sa, &len)));

	ASSERT_EQ(0, connect_to(self->fd, FORM_IN, "127.0.0.1", 9));
	len = sizeof(a.in);
	EXPECT_EQ(-EFAULT, ERRNO(getpeername(self->fd, BAD_PTR, &len)));
	EXPECT_EQ(-EFAULT, ERRNO(getpeername(self->fd, &a.sa, BAD_PTR)));
}

/* A short buffer gets the beginning, and learns the whole length. */
TEST_F(family, names_are_cut_to_the_buffer)
{
	unsigned char raw[sizeof(struct sockaddr_in)];
	socklen_t len = 4;

	memset(raw, 0xee, sizeof(raw));
	ASSERT_EQ(0, bind_to(self->fd, FORM_IN, "127.0.0.1", 4660));
	ASSERT_EQ(0, getsockname(self->fd, (struct sockaddr *)raw, &len));
	EXPECT_EQ(sizeof(struct sockaddr_in), len);
	EXPECT_EQ(0x12, raw[2]);
	EXPECT_EQ(0x34, raw[3]);
	EXPECT_EQ(0xee, raw[4]);

	len = 0;
	EXPECT_EQ(0, getsockname(self->fd, (struct sockaddr *)raw, &len));
	EXPECT_EQ(sizeof(struct sockaddr_in), len);
}

TEST_F(family, data_pointers)
{
	struct iovec iov = { .iov_base = BAD_PTR, .iov_len = 8 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	char data[8];

	ASSERT_EQ(0, bind_to(self->fd, FORM_IN, "127.0.0.1", 0));
	ASSERT_EQ(0, connect_to(self->fd, FORM_IN, "127.0.0.1",
				port_of(self->fd)));

	/* Out: nothing is sent, nothing arrives. */
	EXPECT_EQ(-EFAULT, ERRNO(send(self->fd, BAD_PTR, 8, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(sendmsg(self->fd, &msg, 0)));
	EXPECT_EQ(-EFAULT, ERRNO(sendmsg(self->fd, BAD_PTR, 0)));
	msg.msg_iovlen = UIO_MAXIOV + 1;
	EXPECT_EQ(-EMSGSIZE, ERRNO(sendmsg(self->fd, &msg, 0)));
	msg.msg_iovlen = 1;
	EXPECT_TRUE(silent(self->fd));

	/* In. */
	ASSERT_EQ(8, send(self->fd, "12345678", 8, 0));
	ASSERT_TRUE(readable(self->fd));
	EXPECT_EQ(-EFAULT, ERRNO(recv(self->fd, BAD_PTR, 8, MSG_DONTWAIT)));
	ASSERT_EQ(8, send(self->fd, "12345678", 8, 0));
	ASSERT_TRUE(readable(self->fd));
	EXPECT_EQ(-EFAULT, ERRNO(recvmsg(self->fd, &msg, MSG_DONTWAIT)));
	EXPECT_EQ(-EFAULT, ERRNO(recvmsg(self->fd, BAD_PTR, MSG_DONTWAIT)));

	/* The socket is none the worse. */
	ASSERT_EQ(8, send(self->fd, "abcdefgh", 8, 0));
	ASSERT_TRUE(readable(self->fd));
	for (;;) {
		ASSERT_EQ(8, recv(self->fd, data, 8, MSG_DONTWAIT));
		if (!memcmp(data, "abcdefgh", 8))
			break;
	}
}

/* Half of the data lies in a page that is not there. */
TEST_F(family, data_across_a_hole)
{
	long page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, munmap(p + page, page));
	ASSERT_EQ(0, bind_to(self->fd, FORM_IN, "127.0.0.1", 0));
	ASSERT_EQ(0, connect_to(self->fd, FORM_IN, "127.0.0.1",
				port_of(self->fd)));
	EXPECT_EQ(-EFAULT, ERRNO(send(self->fd, p + page - 100, 200, 0)));
	EXPECT_TRUE(silent(self->fd));
	ASSERT_EQ(100, send(self->fd, p + page - 100, 100, 0));
	ASSERT_EQ(100, recv_now(self->fd, p + page - 100, 200, 0));
}

TEST_F(family, unknown_ioctl)
{
	int v = 0;

	EXPECT_EQ(ERRNO(ioctl(self->inet, 0x1234, &v)),
		  ERRNO(ioctl(self->fd, 0x1234, &v)));
	EXPECT_EQ(-EFAULT, ERRNO(ioctl(self->fd, SIOCINQ, BAD_PTR)));
	EXPECT_EQ(-EFAULT, ERRNO(ioctl(self->fd, SIOCOUTQ, BAD_PTR)));
}

TOY_TEST_MAIN
