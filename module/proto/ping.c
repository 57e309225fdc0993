// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ping sockets: ICMP echo without privileges (icmp(7)).
 *
 * socket(AF_TOY, SOCK_DGRAM, IPPROTO_ICMP or IPPROTO_ICMPV6) sends echo
 * requests and receives the replies to them. The identifier is the socket's
 * port, given by bind(2) or chosen; the program writes the header, the stack
 * fills in identifier and checksum. Who may open one: groups in
 * net.toy.ping_group_range.
 *
 * The two versions have one code and two tables of identifiers: a row of
 * toy_pings[] is what differs.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <net/ip.h>

#include "../skb/icmp.h"
#include "../skb/icmp6.h"
#include "../sock/lookup.h"
#include "../sock/sock.h"
#include "icmp_out.h"
#include "ping.h"
#include "pmtu.h"

struct toy_ping_kind {
	u8 proto;
	u8 request;		/* type of an echo request */
	u32 max;		/* bytes of a message, header included */
	enum toy_mib out_msgs;
	enum toy_mib out_echos;
};

static const struct toy_ping_kind toy_pings[2] = {
	/* IPv6's length field does not count the header. */
	{ IPPROTO_ICMPV6, ICMPV6_ECHO_REQUEST, IPV6_MAXPLEN,
	  TOY_MIB_ICMP6_OUT_MSGS, TOY_MIB_ICMP6_OUT_ECHOS },
	{ IPPROTO_ICMP, ICMP_ECHO, 0xffff,
	  TOY_MIB_ICMP_OUT_MSGS, TOY_MIB_ICMP_OUT_ECHOS },
};

static bool toy_ping_is_v4(const struct sock *sk)
{
	return sk->sk_protocol == TOYPROTO_ICMP;
}

static struct toy_ports *toy_ping_table(struct toy_net *tn,
					const struct in6_addr *addr)
{
	return toy_is_v4(addr) ? tn->ping : tn->ping6;
}

/* A reply. Consumes @skb when it returns TOY_RX_OK. */
static enum toy_drop toy_ping_rcv(struct toy_pkt *pkt, struct sk_buff *skb,
				  const struct toy_icmp_view *v)
{
	struct toy_tuple t = {
		.laddr = pkt->daddr, .raddr = pkt->saddr,
		.lport = v->id, .ifindex = pkt->dev->ifindex,
	};
	struct sock *sk = toy_lookup(toy_ping_table(pkt->tn, &pkt->daddr), &t,
				     NULL);

	if (!sk)
		return TOY_DROP_ICMP_NO_SOCKET;
	toy_skb_cb(skb)->port = 0;
	/* The program gets the ICMP header too. */
	return toy_dgram_deliver(sk, skb, 0);
}

/* An error about a request. */
static void toy_ping_err(struct toy_pkt *pkt, struct sk_buff *skb,
			 const struct toy_icmp_err *e)
{
	const struct icmphdr *icmph = (struct icmphdr *)skb->data;
	struct toy_tuple t = {
		.laddr = e->saddr, .raddr = e->daddr,
		.ifindex = pkt->dev->ifindex,
	};
	struct toy_icmp_err redirect;
	struct sock *sk;
	u8 pmtudisc;

	if (icmph->type != toy_pings[toy_is_v4(&e->saddr)].request)
		return;
	t.lport = ntohs(icmph->un.echo.id);
	sk = toy_lookup(toy_ping_table(pkt->tn, &e->saddr), &t, NULL);
	if (!sk)
		return;
	/* AF_INET6 lets every message about an echo in. */
	pmtudisc = toy_is_v4(&e->daddr) ? READ_ONCE(toy_sk(sk)->pmtudisc) :
					  IPV6_PMTUDISC_WANT;
	if (toy_sock_way_err(pkt->tn, pmtudisc, e)) {
		/* No error, but ping(8) shows it: AF_INET's word for it. */
		if (!toy_is_v4(&e->daddr))
			return;
		redirect = *e;
		redirect.err = EREMOTEIO;
		redirect.info = ntohl(toy_v4_of(&e->gateway));
		e = &redirect;
	}
	toy_sock_error(sk, skb, 0, 0, e);
}

/* The header as the program wrote it, and whether it may say that. */
static int toy_ping_head(const struct toy_ping_kind *kind, struct msghdr *msg,
			 size_t len, struct icmphdr *icmph)
{
	if (len > kind->max)
		return -EMSGSIZE;
	if (len < sizeof(*icmph))
		return -EINVAL;
	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (memcpy_from_msg(icmph, msg, sizeof(*icmph)))
		return -EFAULT;
	return icmph->type != kind->request || icmph->code ? -EINVAL : 0;
}

/* The other version's addresses are not for this socket. */
static int toy_ping_dest(struct sock *sk, struct msghdr *msg,
			 struct toy_tx_cmsg *c, struct toy_endpoint *to)
{
	int err = toy_dgram_dest(sk, msg, c, to);

	if (err || toy_is_v4(&to->addr) == toy_ping_is_v4(sk))
		return err;
	toy_cmsg_done(c);
	return toy_is_v4(&to->addr) && to->form != AF_INET ? -EINVAL :
							     -EAFNOSUPPORT;
}

static void toy_ping_push(struct sk_buff *skb, const struct toy_path *path,
			  const struct toy_ip_tx *tx,
			  const struct toy_ping_kind *kind, __be32 info)
{
	if (kind->proto == IPPROTO_ICMP)
		toy_icmp_push(skb, kind->request, 0, info);
	else
		toy_icmp6_push(skb, &path->saddr, toy_ip_tx_final(tx, path),
			       kind->request, 0, info);
}

static int toy_ping_send_on(struct sock *sk, struct msghdr *msg, size_t len,
			    struct icmphdr *icmph, const struct toy_path *path,
			    const struct toy_tx_cmsg *c)
{
	const struct toy_ping_kind *kind = &toy_pings[toy_ping_is_v4(sk)];
	struct toy_ip_tx tx = { .proto = kind->proto };
	struct toy_net *tn = toy_sock_net(sk);
	struct sk_buff *skb;
	int err;

	if (msg->msg_flags & MSG_PROBE)
		return 0;
	toy_dgram_tx(sk, c, path, &tx);
	if (len > toy_dgram_room(path, &tx, c)) {
		toy_dgram_too_long(sk, toy_ip_tx_final(&tx, path), 0, &tx, path);
		return -EMSGSIZE;
	}
	skb = toy_dgram_alloc(sk, msg, path, sizeof(*icmph),
			      len - sizeof(*icmph), c, &err);
	if (!skb)
		return err;
	err = skb_copy_datagram_from_iter(skb, sizeof(*icmph), &msg->msg_iter,
					  len - sizeof(*icmph));
	if (err) {
		kfree_skb(skb);
		return err;
	}
	toy_dgram_stamp(skb, c);
	icmph->un.echo.id = htons(sk->sk_num);
	__skb_pull(skb, sizeof(*icmph));
	toy_ping_push(skb, path, &tx, kind, icmph->un.gateway);
	toy_count(tn, kind->out_msgs);
	toy_count(tn, kind->out_echos);
	return toy_ip_output(tn, path, skb, &tx);
}

static int toy_ping_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	const struct toy_ping_kind *kind = &toy_pings[toy_ping_is_v4(sk)];
	struct toy_path_ref *ref;
	struct toy_endpoint to;
	struct toy_tx_cmsg c;
	struct icmphdr icmph;
	int err;

	err = toy_dgram_autobind(sk);
	err = err ?: toy_ping_head(kind, msg, len, &icmph);
	if (err)
		return err;
	err = toy_ping_dest(sk, msg, &c, &to);
	if (err)
		return err;
	ref = toy_dgram_path(sk, msg, &c, &to);
	if (IS_ERR(ref)) {
		err = PTR_ERR(ref);
	} else {
		err = toy_ping_send_on(sk, msg, len, &icmph, &ref->path, &c);
		toy_path_ref_put(ref);
	}
	toy_cmsg_done(&c);
	return err ?: len;
}

static int toy_ping_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
			    int flags, int *addr_len)
{
	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	return toy_dgram_recvmsg(sk, msg, len, flags, addr_len);
}

static int toy_ping_sock_init(struct sock *sk)
{
	struct net *net = sock_net(sk);

	if (!toy_group_allowed(net, toy_net(net)->sysctl.ping_group_range))
		return -EACCES;
	/* As AF_INET's: an identifier may be shared. */
	sk->sk_reuse = SK_CAN_REUSE;
	sk->sk_ipv6only = !toy_ping_is_v4(sk);
	return 0;
}

static atomic_long_t toy_ping_memory_allocated;
static DEFINE_PER_CPU(int, toy_ping_memory_per_cpu);
static long toy_ping_mem[3];
static int toy_ping_wmem_min = PAGE_SIZE;
static int toy_ping_rmem_min = PAGE_SIZE;

static struct toy_ports *toy_ping_ports_of(struct toy_net *tn)
{
	return tn->ping;
}

static struct toy_ports *toy_ping6_ports_of(struct toy_net *tn)
{
	return tn->ping6;
}

#define TOY_PING_PROT(protocol, text, table) {				\
	.prot = {							\
		.name			= protocol,			\
		.owner			= THIS_MODULE,			\
		.obj_size		= sizeof(struct toy_sock),	\
		.init			= toy_ping_sock_init,		\
		.close			= toy_dgram_close,		\
		.disconnect		= toy_dgram_disconnect,		\
		.diag_destroy		= toy_dgram_abort,		\
		.unhash			= toy_dgram_unhash,		\
		.sendmsg		= toy_ping_sendmsg,		\
		.recvmsg		= toy_ping_recvmsg,		\
		.memory_allocated	= &toy_ping_memory_allocated,	\
		.per_cpu_fw_alloc	= &toy_ping_memory_per_cpu,	\
		.sysctl_mem		= toy_ping_mem,			\
		.sysctl_wmem		= &toy_ping_wmem_min,		\
		.sysctl_rmem		= &toy_ping_rmem_min,		\
	},								\
	.name	= text,							\
	.ports	= table,						\
}

static struct toy_prot toy_ping_prot =
	TOY_PING_PROT("TOY-PING", "icmp", toy_ping_ports_of);
static struct toy_prot toy_ping6_prot =
	TOY_PING_PROT("TOY-PINGv6", "icmp6", toy_ping6_ports_of);

static struct toy_sock_type toy_ping_types[] = {
	{
		.type		= SOCK_DGRAM,
		.protocol	= IPPROTO_ICMP,
		.number		= TOYPROTO_ICMP,
		.prot		= &toy_ping_prot,
		.ops		= &toy_dgram_ops,
	},
	{
		.type		= SOCK_DGRAM,
		.protocol	= IPPROTO_ICMPV6,
		.number		= TOYPROTO_ICMPV6,
		.prot		= &toy_ping6_prot,
		.ops		= &toy_dgram_ops,
	},
};

/**
 * toy_ping_net_init() - make the tables of identifiers of a namespace
 * @tn: namespace
 *
 * Return: 0 or a negative errno.
 */
int toy_ping_net_init(struct toy_net *tn)
{
	int err = toy_ports_new(tn, &tn->ping);

	if (err)
		return err;
	err = toy_ports_new(tn, &tn->ping6);
	if (err)
		toy_ports_free(&tn->ping);
	return err;
}

/**
 * toy_ping_net_exit() - the opposite of toy_ping_net_init()
 * @tn: namespace, without sockets
 */
void toy_ping_net_exit(struct toy_net *tn)
{
	toy_ports_free(&tn->ping6);
	toy_ports_free(&tn->ping);
}

/**
 * toy_ping_init() - join ICMP and the family
 *
 * Return: 0 or a negative errno.
 */
int toy_ping_init(void)
{
	int err;

	toy_mem_limits(toy_ping_mem);
	for (int i = 0; i < ARRAY_SIZE(toy_ping_types); i++) {
		err = toy_sock_type_register(&toy_ping_types[i]);
		if (err) {
			while (i--)
				toy_sock_type_unregister(&toy_ping_types[i]);
			return err;
		}
	}
	toy_icmp_ping_register(toy_ping_rcv, toy_ping_err);
	return 0;
}

/**
 * toy_ping_exit() - the opposite of toy_ping_init(); no socket is left
 */
void toy_ping_exit(void)
{
	toy_icmp_ping_unregister();
	for (int i = 0; i < ARRAY_SIZE(toy_ping_types); i++)
		toy_sock_type_unregister(&toy_ping_types[i]);
}
