// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue and a NAPI instance for each device and CPU.
 *
 * A frame enters the stack in whatever context its driver runs: the driver's
 * own NAPI poll, the softnet backlog or a threaded NAPI. There it is received
 * at once: somebody's budget bounds the work already, and a poll of our own
 * behind it would cost a softirq more per packet. What a system call sends to
 * an address of ours, and what arrives while a frame is being received or
 * others wait, is queued and polled here, with a budget:
 *
 *	hook -----------> nothing waits, not busy? ------------> layer 3
 *	     \ else
 *	loopback --> queue --splice--> process --one by one--> layer 3
 *	 (rxq->queue.lock)          (no lock: who has NAPI scheduled)
 *
 * That bounds the stack depth (a reply to oneself is queued, not called), keeps
 * frames in order, and lets net_rx_action() share the CPU among all who receive.
 *
 *	state		event					next
 *	(idle)		packet into an empty queue		(scheduled)
 *	(scheduled)	budget used up				(scheduled)
 *	(scheduled)	both lists empty			(idle)
 *
 * Whoever puts a packet into an empty queue calls napi_schedule(), also while
 * the poll runs. If that happens between the last look at the queue and
 * napi_complete_done(), the call leaves NAPI_STATE_MISSED behind, and
 * napi_complete_done() schedules once more instead of going idle: no packet
 * is left behind. The queue is not empty only while NAPI is scheduled.
 *
 * The instances hang on a dummy net device of ours, for two reasons. A real
 * device would show them as its own queues in sysfs and move them to kernel
 * threads, or poll them from busy-polling sockets on other CPUs, when somebody
 * sets that for the driver. And with one instance per device (not one per CPU
 * for all devices) a device that goes away disables its own instances: the
 * traffic of the others never stops, and nobody has to pick its packets out of
 * a common queue.
 */
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "internal.h"
#include "../ctl/trace.h"

static struct net_device *toy_napi_netdev;

/* ---- up to the network layer --------------------------------------------- */

static toy_l3_rcv_t toy_l3_rcv[TOY_L3_MAX];

/**
 * toy_l3_register() - a network-layer protocol wants its packets
 * @row: protocol
 * @rcv: receives them, see toy_l3_rcv_t
 *
 * To be called before devices are attached: the shared hook takes only the
 * EtherTypes that somebody has asked for.
 */
void toy_l3_register(enum toy_l3 row, toy_l3_rcv_t rcv)
{
	WRITE_ONCE(toy_l3_rcv[row], rcv);
}

/**
 * toy_l3_unregister() - a network-layer protocol goes
 * @row: protocol
 *
 * Context: process. Returns when no call is under way.
 */
void toy_l3_unregister(enum toy_l3 row)
{
	WRITE_ONCE(toy_l3_rcv[row], NULL);
	synchronize_net();
}

/**
 * toy_l3_handler() - who receives a protocol's packets
 * @row: protocol
 *
 * Return: the function, or NULL. To call it, stay under rcu_read_lock().
 */
toy_l3_rcv_t toy_l3_handler(enum toy_l3 row)
{
	return READ_ONCE(toy_l3_rcv[row]);
}

static enum toy_drop toy_l3_deliver(struct toy_pkt *pkt, struct sk_buff *skb)
{
	enum toy_l3 row = toy_l3_row(skb->protocol);
	toy_l3_rcv_t rcv;

	if (unlikely(row == TOY_L3_MAX))
		return TOY_DROP_UNKNOWN_L3;
	rcv = toy_l3_handler(row);
	if (unlikely(!rcv))
		return TOY_DROP_UNKNOWN_L3;
	return rcv(pkt, skb);
}

static void toy_rxq_receive(struct toy_dev *dev, struct sk_buff *skb)
{
	struct toy_pkt pkt = {
		.tn = dev->tn,
		.dev = dev,
		.flags = toy_rx_looped(dev) ? TOY_PKT_LOOPED : 0,
	};
	enum toy_drop why;

	*toy_skb_cb(skb) = (struct toy_skb_cb) {
		.ifindex = dev->ifindex,
		.flags = pkt.flags,
	};
	trace_toy_rx(dev, skb);
	why = toy_l3_deliver(&pkt, skb);
	if (unlikely(why != TOY_RX_OK))
		toy_drop_skb(pkt.tn, skb, why);
}

/* ---- the poll ------------------------------------------------------------- */

/* Take over all that has come, when what was taken before is used up. */
static bool toy_rxq_refill(struct toy_rxq *rxq)
{
	if (!skb_queue_empty(&rxq->process))
		return true;
	if (skb_queue_empty_lockless(&rxq->queue))
		return false;
	spin_lock(&rxq->queue.lock);
	skb_queue_splice_tail_init(&rxq->queue, &rxq->process);
	spin_unlock(&rxq->queue.lock);
	return true;
}

/* One batch: what stands in rxq->process, but at most @budget packets. Layers
 * above may hold packets back to join them with later ones of the same batch;
 * the end of this function is where they would have to let them go.
 */
static int toy_rxq_batch(struct toy_rxq *rxq, int budget)
{
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && (skb = __skb_dequeue(&rxq->process))) {
		prefetch(skb_peek(&rxq->process));
		toy_rxq_receive(rxq->dev, skb);
		done++;
	}
	return done;
}

static int toy_rxq_poll(struct napi_struct *napi, int budget)
{
	struct toy_rxq *rxq = container_of(napi, struct toy_rxq, napi);
	int work = 0;

	/* The core reads it before each poll: the next one has the new value. */
	napi->weight = max(1, READ_ONCE(rxq->dev->tn->sysctl.dev_weight));
	WRITE_ONCE(rxq->polls, rxq->polls + 1);

	rcu_read_lock();
	while (work < budget && toy_rxq_refill(rxq))
		work += toy_rxq_batch(rxq, budget - work);
	rcu_read_unlock();

	WRITE_ONCE(rxq->processed, rxq->processed + work);
	if (work < budget)
		napi_complete_done(napi, work);
	else if (toy_rxq_len(rxq))
		WRITE_ONCE(rxq->time_squeeze, rxq->time_squeeze + 1);
	return work;
}

/**
 * toy_dev_enqueue() - put a received packet into this CPU's queue
 * @dev: device it came in by
 * @skb: packet, consumed. Not shared, no owner, data at the network header,
 *	skb->protocol and skb->pkt_type set, skb->dev is @dev's net device
 *
 * skb->dev has no reference while the packet waits: detaching empties the
 * queues before the net device may go. So the caller must stay in the RCU
 * section in which it has found @dev attached.
 *
 * Context: softirq, or process context with bottom halves off; RCU.
 * Return: 0; or -ENOBUFS when the queue is full (the skb is dropped).
 */
int toy_dev_enqueue(struct toy_dev *dev, struct sk_buff *skb)
{
	struct toy_rxq *rxq = this_cpu_ptr(dev->rxq);
	unsigned int limit = READ_ONCE(dev->tn->sysctl.max_backlog);
	bool idle;

	lockdep_assert_in_softirq();

	spin_lock(&rxq->queue.lock);
	if (unlikely(toy_rxq_len(rxq) >= limit)) {
		WRITE_ONCE(rxq->dropped, rxq->dropped + 1);
		spin_unlock(&rxq->queue.lock);
		toy_drop_skb(dev->tn, skb, TOY_DROP_QUEUE_FULL);
		return -ENOBUFS;
	}
	idle = skb_queue_empty(&rxq->queue);
	__skb_queue_tail(&rxq->queue, skb);
	spin_unlock(&rxq->queue.lock);

	if (idle)
		napi_schedule(&rxq->napi);
	return 0;
}

/**
 * toy_dev_receive() - receive a frame from the context of its driver
 * @dev: device it came in by
 * @skb: as of toy_dev_enqueue(), consumed
 *
 * Context: softirq, or process context with bottom halves off; RCU.
 */
void toy_dev_receive(struct toy_dev *dev, struct sk_buff *skb)
{
	struct toy_rxq *rxq = this_cpu_ptr(dev->rxq);

	if (unlikely(rxq->busy || toy_rxq_len(rxq))) {
		toy_dev_enqueue(dev, skb);
		return;
	}
	rxq->busy = true;
	toy_rxq_receive(dev, skb);
	rxq->busy = false;
	WRITE_ONCE(rxq->processed, rxq->processed + 1);
}

/* ---- a device comes and goes ---------------------------------------------- */

/**
 * toy_rxq_alloc() - make a device's queues, ready to receive
 * @dev: new device
 *
 * Context: process, RTNL, which guards the list of NAPI instances.
 * Return: 0 or -ENOMEM.
 */
int toy_rxq_alloc(struct toy_dev *dev)
{
	struct toy_rxq *rxq;
	int cpu;

	ASSERT_RTNL();
	dev->rxq = alloc_percpu_gfp(struct toy_rxq, GFP_KERNEL_ACCOUNT);
	if (!dev->rxq)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		rxq = per_cpu_ptr(dev->rxq, cpu);
		rxq->dev = dev;
		skb_queue_head_init(&rxq->queue);
		__skb_queue_head_init(&rxq->process);
		/* Nobody may find it by its id: a busy-polling socket would
		 * run it on another CPU.
		 */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &rxq->napi.state);
		netif_napi_add(toy_napi_netdev, &rxq->napi, toy_rxq_poll);
		napi_enable(&rxq->napi);
	}
	return 0;
}

static void toy_rxq_purge(struct toy_net *tn, struct sk_buff_head *list)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		toy_drop_skb(tn, skb, TOY_DROP_DEV_GONE);
}

/**
 * toy_rxq_stop() - end a device's polls and drop what waits in its queues
 * @dev: device whose hooks are gone; a grace period has passed since, so that
 *	nobody can be in toy_dev_enqueue()
 *
 * May be called again. The memory goes with the device (toy_dev_free()), after
 * another grace period, which NAPI asks for too.
 *
 * Context: process, RTNL.
 */
void toy_rxq_stop(struct toy_dev *dev)
{
	struct toy_rxq *rxq;
	int cpu;

	ASSERT_RTNL();
	if (dev->stopped)
		return;
	dev->stopped = true;
	for_each_possible_cpu(cpu) {
		rxq = per_cpu_ptr(dev->rxq, cpu);
		napi_disable(&rxq->napi);
		__netif_napi_del(&rxq->napi);
		/* A drop counts on this CPU and may trace: as in softirq. */
		local_bh_disable();
		toy_rxq_purge(dev->tn, &rxq->process);
		toy_rxq_purge(dev->tn, &rxq->queue);
		local_bh_enable();
	}
}

/**
 * toy_napi_init() - make the net device that all our NAPI instances belong to
 *
 * Context: process, the first step of loading.
 * Return: 0 or -ENOMEM.
 */
int __init toy_napi_init(void)
{
	toy_napi_netdev = toy_alloc_netdev_dummy();
	return toy_napi_netdev ? 0 : -ENOMEM;
}

/**
 * toy_napi_exit() - the last step of unloading; also after a failed load
 *
 * Context: process. Waits for the devices that RCU has still to free.
 */
void toy_napi_exit(void)
{
	rcu_barrier();
	toy_free_netdev_dummy(toy_napi_netdev);
}

#if IS_ENABLED(CONFIG_KUNIT)
#include "rxq_test.c"
#endif
