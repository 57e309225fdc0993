/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets: a message read into a struct, filters over it, and its details.
 */
#ifndef TOY_SS_H
#define TOY_SS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct nlattr;
struct nlmsghdr;
struct ss_row;

/* The numbers of net/tcp_states.h, which the kernel keeps stable. */
enum ss_state {
	SS_ESTABLISHED = 1,
	SS_SYN_SENT,
	SS_SYN_RECV,
	SS_FIN_WAIT1,
	SS_FIN_WAIT2,
	SS_TIME_WAIT,
	SS_CLOSE,
	SS_CLOSE_WAIT,
	SS_LAST_ACK,
	SS_LISTEN,
	SS_CLOSING,
	SS_NEW_SYN_RECV,
	SS_STATES,
};

#define SS_ALL	((1U << SS_STATES) - 2)

/**
 * struct ss_sock - one socket as the kernel tells it
 * @local: address it is bound to
 * @peer: address it is connected to
 * @lport: local port
 * @pport: port of the peer
 * @state: enum ss_state
 * @proto: "tcp", "udp" ...
 * @tb: all attributes, for the details
 */
struct ss_sock {
	struct in6_addr		local;
	struct in6_addr		peer;
	uint16_t		lport;
	uint16_t		pport;
	unsigned int		state;
	const char		*proto;
	const struct nlattr	**tb;
};

/* What else is printed of each socket. */
struct ss_show {
	bool	info;
	bool	memory;
	bool	processes;
	bool	timer;
	bool	extended;
};

/* @tb has TOY_SOCK_A_MAX + 1 slots, into the message. */
void ss_sock_read(struct ss_sock *sock, const struct nlmsghdr *nlh,
		  const struct nlattr **tb);
bool ss_sock_is_v4(const struct ss_sock *sock);
void ss_sock_json(const struct ss_sock *sock, const struct ss_show *show);
void ss_sock_plain(const struct ss_sock *sock, const struct ss_show *show,
		   struct ss_row *row);

unsigned int ss_state_set(const char *name);

/* A filter over addresses and ports; NULL lets every socket pass. */
struct ss_filter;
struct ss_filter *ss_filter_parse(char **argv, unsigned int *states);
bool ss_filter_match(const struct ss_filter *filter,
		     const struct ss_sock *sock);

/* To fmt's output: what stands behind the addresses, then the second line. */
void ss_details(const struct ss_sock *sock, const struct ss_show *show);

/* struct toy_tcp_info of the socket, if it has one. */
void ss_tcp(const struct ss_sock *sock, const struct ss_show *show);

/* users:(...) of the socket with this inode. */
void ss_users(uint64_t inode);

#endif /* TOY_SS_H */
