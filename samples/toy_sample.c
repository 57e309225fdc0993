// SPDX-License-Identifier: GPL-2.0-only
/*
 * A protocol in a module of its own, as small as one can be.
 *
 * It gives socket(AF_TOY, SOCK_DGRAM, 253) datagrams with ports and without a
 * checksum, on IP protocol 253, which RFC 3692 sets aside for experiments:
 *
 *	 0      7 8     15 16    23 24    31
 *	+--------+--------+--------+--------+
 *	|   source port   |    dest. port   |
 *	+--------+--------+--------+--------+
 *
 * Everything that is not the header comes from AF_TOY: bind, connect, look-up,
 * buffers, accounting, routes. What a protocol brings along:
 *
 *	a struct toy_prot	with its struct proto, its table of ports
 *	a struct toy_sock_type	the row of socket(2)
 *	a struct toy_ip_proto	the row of the IP layer
 *	a sendmsg and a rcv
 */
#include <linux/module.h>
#include <net/netns/generic.h>

#include "proto/ip.h"
#include "sock/lookup.h"
#include "sock/sock.h"

#define SAMPLE_PROTO	253	/* RFC 3692 */

struct sample_hdr {
	__be16 sport;
	__be16 dport;
};

static unsigned int sample_net_id;

struct sample_net {
	struct toy_ports *ports;
};

static struct toy_ports *sample_ports(struct toy_net *tn)
{
	struct sample_net *sn = net_generic(tn->net, sample_net_id);

	return sn->ports;
}

static enum toy_drop sample_rcv(struct toy_pkt *pkt, struct sk_buff *skb)
{
	const struct sample_hdr *hdr;
	struct toy_tuple t = {
		.laddr = pkt->daddr, .raddr = pkt->saddr,
		.ifindex = pkt->dev->ifindex,
	};
	struct sock *sk;

	if (!pskb_may_pull(skb, sizeof(*hdr)))
		return TOY_DROP_UDP_SHORT;
	hdr = (const struct sample_hdr *)skb->data;
	t.lport = ntohs(hdr->dport);
	t.rport = ntohs(hdr->sport);

	sk = toy_lookup(sample_ports(pkt->tn), &t, skb);
	if (!sk)
		return TOY_DROP_UDP_NO_PORT;
	toy_skb_cb(skb)->port = t.rport;
	return toy_dgram_deliver(sk, skb, sizeof(*hdr));
}

static int sample_send(struct sock *sk, struct msghdr *msg, size_t len,
		       const struct toy_path *path,
		       const struct toy_tx_cmsg *c, u16 port)
{
	struct toy_ip_tx tx = { .proto = SAMPLE_PROTO };
	struct sample_hdr *hdr;
	struct sk_buff *skb;
	int err;

	skb = toy_dgram_alloc(sk, msg, path, sizeof(*hdr), len, c, &err);
	if (!skb)
		return err;
	hdr = (struct sample_hdr *)skb->data;
	hdr->sport = htons(sk->sk_num);
	hdr->dport = htons(port);
	err = skb_copy_datagram_from_iter(skb, sizeof(*hdr), &msg->msg_iter, len);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	toy_dgram_tx(sk, c, path, &tx);
	return toy_ip_output(toy_sock_net(sk), path, skb, &tx);
}

static int sample_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct toy_path_ref *ref;
	struct toy_endpoint to;
	struct toy_tx_cmsg c;
	int err;

	err = toy_dgram_dest(sk, msg, &c, &to);
	if (err)
		return err;
	ref = toy_dgram_path(sk, msg, &c, &to);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	err = sample_send(sk, msg, len, &ref->path, &c, to.port);
	toy_path_ref_put(ref);
	return err ?: len;
}

static atomic_long_t sample_memory_allocated;
static DEFINE_PER_CPU(int, sample_memory_per_cpu);
static long sample_mem[3];
static int sample_wmem_min = PAGE_SIZE;
static int sample_rmem_min = PAGE_SIZE;

static struct toy_prot sample_prot = {
	.prot = {
		.name			= "TOY-SAMPLE",
		.owner			= THIS_MODULE,
		.obj_size		= sizeof(struct toy_sock),
		.close			= toy_dgram_close,
		.disconnect		= toy_dgram_disconnect,
		.diag_destroy		= toy_dgram_abort,
		.unhash			= toy_dgram_unhash,
		.sendmsg		= sample_sendmsg,
		.recvmsg		= toy_dgram_recvmsg,
		.memory_allocated	= &sample_memory_allocated,
		.per_cpu_fw_alloc	= &sample_memory_per_cpu,
		.sysctl_mem		= sample_mem,
		.sysctl_wmem		= &sample_wmem_min,
		.sysctl_rmem		= &sample_rmem_min,
	},
	.name			= "sample",
	.ports			= sample_ports,
	.demux_connected	= true,
};

static struct toy_sock_type sample_type = {
	.type		= SOCK_DGRAM,
	.protocol	= SAMPLE_PROTO,
	.number		= TOYPROTO_PRIVATE,
	.prot		= &sample_prot,
	.ops		= &toy_dgram_ops,
};

static const struct toy_ip_proto sample_ip_proto = {
	.owner	= THIS_MODULE,
	.proto	= SAMPLE_PROTO,
	.rcv	= sample_rcv,
};

static int __net_init sample_net_init(struct net *net)
{
	struct sample_net *sn = net_generic(net, sample_net_id);

	return toy_ports_new(toy_net(net), &sn->ports);
}

static void __net_exit sample_net_exit(struct net *net)
{
	struct sample_net *sn = net_generic(net, sample_net_id);

	toy_ports_free(&sn->ports);
}

static struct pernet_operations sample_net_ops = {
	.init	= sample_net_init,
	.exit	= sample_net_exit,
	.id	= &sample_net_id,
	.size	= sizeof(struct sample_net),
};

static int __init sample_init(void)
{
	int err;

	toy_mem_limits(sample_mem);
	err = register_pernet_subsys(&sample_net_ops);
	if (err)
		return err;
	err = toy_ip_proto_register(&sample_ip_proto);
	if (err)
		goto pernet;
	err = toy_sock_type_register(&sample_type);
	if (err)
		goto proto;
	return 0;

proto:
	toy_ip_proto_unregister(&sample_ip_proto);
pernet:
	unregister_pernet_subsys(&sample_net_ops);
	return err;
}

static void __exit sample_exit(void)
{
	toy_sock_type_unregister(&sample_type);
	toy_ip_proto_unregister(&sample_ip_proto);
	unregister_pernet_subsys(&sample_net_ops);
}

module_init(sample_init);
module_exit(sample_exit);

MODULE_DESCRIPTION("AF_TOY: a sample protocol in a module of its own");
MODULE_LICENSE("GPL");
