// SPDX-License-Identifier: GPL-2.0-only
/* Cases for bind.c: who may share a port, on sockets made in the kernel. */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/net.h>

#define ANY	INADDR_ANY
#define LO(n)	(INADDR_LOOPBACK - 1 + (n))

struct bind_fixture {
	struct socket *sock[64];
	int n;
};

static struct socket *udp_socket(struct kunit *test)
{
	struct bind_fixture *f = test->priv;
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, toy_family,
						  SOCK_DGRAM, 0, &sock));
	f->sock[f->n++] = sock;
	return sock;
}

static int bind_in(struct socket *sock, u32 addr, u16 port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(addr),
	};

	return kernel_bind(sock, (struct sockaddr *)&sin, sizeof(sin));
}

static int bind_in6_any(struct socket *sock, u16 port)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};

	return kernel_bind(sock, (struct sockaddr *)&sin6, sizeof(sin6));
}

static u16 port_of(struct socket *sock)
{
	return sock->sk->sk_num;
}

static void same_address_is_taken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7001), -EADDRINUSE);
}

static void other_addresses_are_free(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(2), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7002), 0);
}

static void wildcard_overlaps_all(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), ANY, 7001), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, bind_in6_any(udp_socket(test), 7001), -EADDRINUSE);
}

/* An IPv6-only wildcard and an IPv4 one have nothing in common. */
static void v6only_beside_v4(struct kunit *test)
{
	struct socket *six = udp_socket(test);

	six->sk->sk_ipv6only = 1;
	KUNIT_EXPECT_EQ(test, bind_in6_any(six, 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), ANY, 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in6_any(udp_socket(test), 7001), -EADDRINUSE);
}

static void reuseaddr_needs_both(struct kunit *test)
{
	struct socket *a = udp_socket(test), *b = udp_socket(test);

	a->sk->sk_reuse = SK_CAN_REUSE;
	KUNIT_EXPECT_EQ(test, bind_in(a, LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(b, LO(1), 7001), -EADDRINUSE);
	b->sk->sk_reuse = SK_CAN_REUSE;
	KUNIT_EXPECT_EQ(test, bind_in(b, LO(1), 7001), 0);
}

static void reuseport_needs_same_user(struct kunit *test)
{
	struct socket *a = udp_socket(test), *b = udp_socket(test);
	struct socket *c = udp_socket(test);

	a->sk->sk_reuseport = 1;
	b->sk->sk_reuseport = 1;
	c->sk->sk_reuseport = 1;
	c->sk->sk_uid = KUIDT_INIT(4711);
	KUNIT_EXPECT_EQ(test, bind_in(a, LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(b, LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(c, LO(1), 7001), -EADDRINUSE);
	KUNIT_EXPECT_PTR_EQ(test, (void *)rcu_access_pointer(a->sk->sk_reuseport_cb),
			    (void *)rcu_access_pointer(b->sk->sk_reuseport_cb));
}

static void devices_are_apart(struct kunit *test)
{
	struct socket *a = udp_socket(test), *b = udp_socket(test);
	struct socket *c = udp_socket(test);

	a->sk->sk_bound_dev_if = 1;
	b->sk->sk_bound_dev_if = 2;
	KUNIT_EXPECT_EQ(test, bind_in(a, ANY, 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(b, ANY, 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(c, ANY, 7001), -EADDRINUSE);
}

static void bound_once_for_good(struct kunit *test)
{
	struct socket *a = udp_socket(test);

	KUNIT_EXPECT_EQ(test, bind_in(a, LO(1), 7001), 0);
	KUNIT_EXPECT_EQ(test, bind_in(a, LO(1), 7002), -EINVAL);
}

static void closed_port_is_free_again(struct kunit *test)
{
	struct bind_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7001), 0);
	sock_release(f->sock[--f->n]);
	KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 7001), 0);
}

static void foreign_address_is_refused(struct kunit *test)
{
	struct socket *a = udp_socket(test);

	KUNIT_EXPECT_EQ(test, bind_in(a, 0xc0000201, 7001), -EADDRNOTAVAIL);
	toy_sk(a->sk)->freebind = 1;
	KUNIT_EXPECT_EQ(test, bind_in(a, 0xc0000201, 7001), 0);
}

/* RFC 6056: in the range, and not one after the other. */
static void ephemeral_ports(struct kunit *test)
{
	struct toy_sysctl *s = &toy_net(&init_net)->sysctl;
	int in_sequence = 0;
	u16 last = 0;

	for (int i = 0; i < 32; i++) {
		struct socket *sock = udp_socket(test);

		KUNIT_ASSERT_EQ(test, bind_in(sock, ANY, 0), 0);
		KUNIT_EXPECT_GE(test, (int)port_of(sock), s->ip_local_port_range[0]);
		KUNIT_EXPECT_LE(test, (int)port_of(sock), s->ip_local_port_range[1]);
		in_sequence += port_of(sock) == last + 1;
		last = port_of(sock);
	}
	KUNIT_EXPECT_LT(test, in_sequence, 4);
}

/* A range of four: four get one each, the fifth only if it may share. */
static void range_exhausted(struct kunit *test)
{
	struct toy_sysctl *s = &toy_net(&init_net)->sysctl;
	int low = s->ip_local_port_range[0], high = s->ip_local_port_range[1];
	struct socket *last;

	s->ip_local_port_range[0] = 50000;
	s->ip_local_port_range[1] = 50003;
	for (int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, bind_in(udp_socket(test), LO(1), 0), 0);
	last = udp_socket(test);
	KUNIT_EXPECT_EQ(test, bind_in(last, LO(1), 0), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, bind_in(last, LO(2), 0), 0);

	s->ip_local_port_range[0] = low;
	s->ip_local_port_range[1] = high;
}

static int bind_test_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct bind_fixture), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void bind_test_exit(struct kunit *test)
{
	struct bind_fixture *f = test->priv;

	while (f->n)
		sock_release(f->sock[--f->n]);
}

static struct kunit_case bind_cases[] = {
	KUNIT_CASE(same_address_is_taken),
	KUNIT_CASE(other_addresses_are_free),
	KUNIT_CASE(wildcard_overlaps_all),
	KUNIT_CASE(v6only_beside_v4),
	KUNIT_CASE(reuseaddr_needs_both),
	KUNIT_CASE(reuseport_needs_same_user),
	KUNIT_CASE(devices_are_apart),
	KUNIT_CASE(bound_once_for_good),
	KUNIT_CASE(closed_port_is_free_again),
	KUNIT_CASE(foreign_address_is_refused),
	KUNIT_CASE(ephemeral_ports),
	KUNIT_CASE(range_exhausted),
	{}
};

static struct kunit_suite bind_suite = {
	.name = "toy-sock-bind",
	.init = bind_test_init,
	.exit = bind_test_exit,
	.test_cases = bind_cases,
};

kunit_test_suite(bind_suite);
