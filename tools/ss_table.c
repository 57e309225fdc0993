// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of sockets and the summary: what is printed when all are known.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fmt.h"
#include "ss_table.h"

static void *or_die(void *memory)
{
	if (!memory)
		usage_error("out of memory");
	return memory;
}

struct ss_row *ss_table_row(struct ss_table *table)
{
	if (table->count == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->rows = or_die(realloc(table->rows, table->room *
					     sizeof(*table->rows)));
	}
	table->rows[table->count] = or_die(calloc(1, sizeof(struct ss_row)));
	return table->rows[table->count++];
}

void ss_table_free(struct ss_table *table)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		free(table->rows[i]->details);
		free(table->rows[i]);
	}
	free(table->rows);
	*table = (struct ss_table){ 0 };
}

/* Netid and state say something only where there are several of them. */
static void print_row(const struct ss_row *row, const int *width,
		      const struct ss_layout *layout)
{
	const char *details = row->details ? row->details : "";

	if (layout->netid)
		fmt_plain("%-*s ", width[SS_NETID], row->col[SS_NETID]);
	if (layout->state)
		fmt_plain("%-*s ", width[SS_STATE], row->col[SS_STATE]);
	fmt_plain("%-*s %-*s %*s:%-*s %*s:",
		  width[SS_RECVQ], row->col[SS_RECVQ],
		  width[SS_SENDQ], row->col[SS_SENDQ],
		  width[SS_LADDR], row->col[SS_LADDR],
		  width[SS_LPORT], row->col[SS_LPORT],
		  width[SS_PADDR], row->col[SS_PADDR]);
	/* Nothing behind the last column but details on the same line. */
	if (*details && *details != '\n')
		fmt_plain("%-*s%s\n", width[SS_PPORT], row->col[SS_PPORT],
			  details);
	else
		fmt_plain("%s%s\n", row->col[SS_PPORT], details);
}

void ss_table_print(const struct ss_table *table, const struct ss_layout *layout)
{
	static const struct ss_row title = {
		.col = { "Netid", "State", "Recv-Q", "Send-Q",
			 "Local Address", "Port", "Peer Address", "Port" },
		.details = " Process",
	};
	/* Enough for most, of IPv4. */
	static const int live[SS_COLUMNS] = { 5, 10, 6, 6, 15, 5, 15, 5 };
	int width[SS_COLUMNS] = { 0 };
	size_t i, c;

	for (c = 0; c < SS_COLUMNS; c++) {
		if (layout->live)
			width[c] = live[c];
		else if (layout->header)
			width[c] = strlen(title.col[c]);
		for (i = 0; i < table->count; i++) {
			int len = strlen(table->rows[i]->col[c]);

			if (len > width[c])
				width[c] = len;
		}
	}
	if (layout->header)
		print_row(&title, width, layout);
	for (i = 0; i < table->count; i++)
		print_row(table->rows[i], width, layout);
}

/* TCP's own line, and how many of its sockets there are in all. */
static void print_tcp(const struct ss_counts *tcp)
{
	fmt_plain("TCP:   %u (estab %u, closed %u, orphaned %u, timewait %u)\n",
		  tcp->v4 + tcp->v6 + tcp->closed, tcp->established,
		  tcp->closed, tcp->orphaned, tcp->time_wait);
}

static void print_transport(const struct ss_counts *c, bool tcp)
{
	fmt_plain("%-9s", c->name);
	fmt_begin(c->name);
	fmt_num("total", " %-9llu", c->v4 + c->v6);
	fmt_num("ipv4", " %-9llu", c->v4);
	fmt_num("ipv6", " %llu\n", c->v6);
	if (tcp) {
		fmt_num("established", NULL, c->established);
		fmt_num("closed", NULL, c->closed);
		fmt_num("orphaned", NULL, c->orphaned);
		fmt_num("listening", NULL, c->listening);
		fmt_num("time_wait", NULL, c->time_wait);
		fmt_num("syn_recv", NULL, c->syn_recv);
	}
	fmt_end();
}

void ss_summary_print(const struct ss_counts *counts, size_t n)
{
	unsigned int total = 0;
	size_t i;

	for (i = 0; i < n; i++)
		total += counts[i].v4 + counts[i].v6 + counts[i].closed -
			 counts[i].time_wait;
	fmt_begin(NULL);
	fmt_num("total", "Total: %llu\n", total);
	print_tcp(&counts[0]);
	fmt_plain("\n%-9s %-9s %-9s %s\n", "Transport", "Total", "IP", "IPv6");
	for (i = 0; i < n; i++)
		print_transport(&counts[i], !i);
	fmt_end();
}
