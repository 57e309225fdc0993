// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases for family.c: the table of types, and sockets used from inside the
 * kernel, as a file system or a driver would.
 */
#include <kunit/test.h>
#include <linux/in.h>

static int create(int type, int protocol)
{
	struct socket *sock;
	int err = sock_create_kern(&init_net, toy_family, type, protocol, &sock);

	if (!err)
		sock_release(sock);
	return err;
}

static void table_answers_as_af_inet(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, create(SOCK_DGRAM, 0), 0);
	KUNIT_EXPECT_EQ(test, create(SOCK_DGRAM, IPPROTO_UDP), 0);
	KUNIT_EXPECT_EQ(test, create(SOCK_DGRAM, IPPROTO_TCP), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, create(SOCK_DGRAM, -1), -EINVAL);
	KUNIT_EXPECT_EQ(test, create(SOCK_DGRAM, IPPROTO_MAX), -EINVAL);
	KUNIT_EXPECT_EQ(test, create(SOCK_RDM, 0), -ESOCKTNOSUPPORT);
}

static void row_is_taken_once(struct kunit *test)
{
	int err;
	static struct toy_prot prot = {
		.prot = {
			.name = "TOY-KUNIT", .owner = THIS_MODULE,
			.obj_size = sizeof(struct toy_sock),
		},
	};
	static struct toy_sock_type row = {
		.type = SOCK_DGRAM, .protocol = IPPROTO_UDP, .prot = &prot,
	};

	err = toy_sock_type_register(&row);
	KUNIT_EXPECT_EQ(test, err, -EEXIST);
}

/* 127.0.0.1:a <-> 127.0.0.1:b, both ends in the kernel. */
static void kernel_datagrams(struct kunit *test)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in b = a;
	struct socket *sa, *sb;
	char in[16] = {};
	struct kvec out = { .iov_base = "hello", .iov_len = 5 };
	struct kvec vec = { .iov_base = in, .iov_len = sizeof(in) };
	struct msghdr msg = {}, from = { .msg_name = &b };

	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, toy_family,
						  SOCK_DGRAM, 0, &sa));
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, toy_family,
						  SOCK_DGRAM, 0, &sb));
	/* A namespace may go while the kernel still has sockets in it. */
	KUNIT_EXPECT_FALSE(test, sa->sk->sk_net_refcnt);

	KUNIT_EXPECT_EQ(test, 0, kernel_bind(sb, (struct sockaddr *)&a, sizeof(a)));
	a.sin_port = htons(sb->sk->sk_num);
	KUNIT_EXPECT_EQ(test, 0, kernel_connect(sa, (struct sockaddr *)&a,
						sizeof(a), 0));
	KUNIT_EXPECT_EQ(test, 5, kernel_sendmsg(sa, &msg, &out, 1, 5));
	KUNIT_EXPECT_EQ(test, 5, kernel_recvmsg(sb, &from, &vec, 1, sizeof(in), 0));
	KUNIT_EXPECT_STREQ(test, in, "hello");
	KUNIT_EXPECT_EQ(test, (int)b.sin_family, AF_INET);
	KUNIT_EXPECT_EQ(test, ntohs(b.sin_port), sa->sk->sk_num);

	sock_release(sa);
	sock_release(sb);
}

static struct kunit_case family_cases[] = {
	KUNIT_CASE(table_answers_as_af_inet),
	KUNIT_CASE(row_is_taken_once),
	KUNIT_CASE(kernel_datagrams),
	{}
};

static struct kunit_suite family_suite = {
	.name = "toy-sock-family",
	.test_cases = family_cases,
};

kunit_test_suite(family_suite);
