/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of sockets and the summary: what is printed when all are known.
 */
#ifndef TOY_SS_TABLE_H
#define TOY_SS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum ss_column {
	SS_NETID, SS_STATE, SS_RECVQ, SS_SENDQ, SS_LADDR, SS_LPORT, SS_PADDR,
	SS_PPORT, SS_COLUMNS,
};

#define SS_COL_SIZE	80

struct ss_row {
	char	col[SS_COLUMNS][SS_COL_SIZE];
	char	*details;
};

struct ss_table {
	struct ss_row	**rows;
	size_t		count;
	size_t		room;
};

/**
 * struct ss_layout - which parts of the table are printed
 * @netid: the column of transports
 * @state: the column of states
 * @header: the line above
 * @live: lines come one by one, so that widths cannot follow from them
 */
struct ss_layout {
	bool	netid;
	bool	state;
	bool	header;
	bool	live;
};

struct ss_row *ss_table_row(struct ss_table *table);	/* appends one */
void ss_table_print(const struct ss_table *table, const struct ss_layout *layout);
void ss_table_free(struct ss_table *table);

/**
 * struct ss_counts - how many sockets of one transport there are
 * @name: of the transport
 * @v4: IPv4 sockets that are in use
 * @v6: IPv6 sockets that are in use
 * @established: TCP
 * @closed: TCP: without a place in a table; TIME-WAIT counts as closed
 * @orphaned: TCP: no program has it any more
 * @listening: TCP
 * @time_wait: TCP
 * @syn_recv: TCP: half open; no sockets yet
 */
struct ss_counts {
	const char	*name;
	unsigned int	v4;
	unsigned int	v6;
	unsigned int	established;
	unsigned int	closed;
	unsigned int	orphaned;
	unsigned int	listening;
	unsigned int	time_wait;
	unsigned int	syn_recv;
};

/* The first of @n transports is TCP. */
void ss_summary_print(const struct ss_counts *counts, size_t n);

#endif /* TOY_SS_TABLE_H */
