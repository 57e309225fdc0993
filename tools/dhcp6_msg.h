/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of stateless DHCPv6 (RFC 8415): what is asked, and what the answer
 * says. Nothing in here reads a clock, a socket or a file.
 */
#ifndef TOY_DHCP6_MSG_H
#define TOY_DHCP6_MSG_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 8415 7.6; milliseconds, but for those of the refresh time. */
#define DHCP6_INF_MAX_DELAY	1000
#define DHCP6_INF_TIMEOUT	1000
#define DHCP6_INF_MAX_RT	3600000
#define DHCP6_IRT_DEFAULT	86400
#define DHCP6_IRT_MINIMUM	600
#define DHCP6_FOREVER		0xffffffffU

#define DHCP6_DUID_SIZE		18	/* ours */
#define DHCP6_REQUEST_SIZE	44
#define DHCP6_MAX_SERVERS	8
#define DHCP6_SEARCH_SIZE	1024

/**
 * struct dhcp6_request - an Information-request
 * @xid: of the exchange, 24 bits
 * @elapsed: hundredths of a second since its first message
 * @duid: who asks
 */
struct dhcp6_request {
	uint32_t	xid;
	uint16_t	elapsed;
	uint8_t		duid[DHCP6_DUID_SIZE];
};

/**
 * struct dhcp6_reply - what a server has said
 * @servers: recursive DNS servers
 * @n_servers: how many
 * @search: domains with a blank between them, letters of host names only
 * @refresh: seconds that all of it is good for, or DHCP6_FOREVER
 * @max_rt: INF_MAX_RT in milliseconds; 0: not said
 */
struct dhcp6_reply {
	struct in6_addr	servers[DHCP6_MAX_SERVERS];
	unsigned int	n_servers;
	char		search[DHCP6_SEARCH_SIZE];
	uint32_t	refresh;
	uint32_t	max_rt;
};

/* A DUID made of 8 bytes that no other client has. */
void dhcp6_duid(uint8_t duid[DHCP6_DUID_SIZE], const uint8_t id[8]);

/* Returns the length, which is always the same. */
size_t dhcp6_build(const struct dhcp6_request *req,
		   uint8_t msg[DHCP6_REQUEST_SIZE]);

/* NULL if @msg answers @req; else why it does not, and @reply is worth nothing.
 */
const char *dhcp6_parse(const uint8_t *msg, size_t len,
			const struct dhcp6_request *req,
			struct dhcp6_reply *reply);

/* The time to wait after a message, by the one before (0 for the first) and by
 * chance: @rand is any number.
 */
uint32_t dhcp6_timeout(uint32_t before, uint32_t max, uint32_t rand);

#endif /* TOY_DHCP6_MSG_H */
