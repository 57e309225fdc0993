// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcg-profile: counts the guest's instructions by address, a plugin for QEMU.
 *
 *	qemu-system-x86_64 -plugin tcg-profile.so,dir=DIR ...
 *
 * QEMU translates the guest's code in blocks and lets a plugin add to a
 * counter whenever a block runs: no sampling, and the guest does not notice.
 * toy-bench marks the interesting time by two instructions that do nothing
 * (mark_start(), mark_stop()): the first clears the counters, the second
 * writes them to DIR/profile.1, .2 ... as lines of "address instructions".
 * One virtual processor.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin-1.h"

EXPORT int qemu_plugin_version = 1;

/* Blocks by address, for ever: QEMU keeps pointers to the counters. */
struct block {
	struct block	*next;
	uint64_t	addr;
	uint64_t	insns;
};

#define BUCKETS	65536

static struct block *buckets[BUCKETS];
static const char *dir = ".";
static unsigned int dumps;

static struct block *block_at(uint64_t addr)
{
	struct block **head = &buckets[(addr ^ addr >> 16) % BUCKETS];
	struct block *b;

	for (b = *head; b; b = b->next)
		if (b->addr == addr)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->addr = addr;
	b->next = *head;
	*head = b;
	return b;
}

static void clear(unsigned int cpu, void *data)
{
	struct block *b;

	(void)cpu;
	(void)data;
	for (size_t i = 0; i < BUCKETS; i++)
		for (b = buckets[i]; b; b = b->next)
			b->insns = 0;
}

static void dump(unsigned int cpu, void *data)
{
	char path[4096];
	struct block *b;
	FILE *file;

	(void)cpu;
	(void)data;
	snprintf(path, sizeof(path), "%s/profile.%u", dir, ++dumps);
	file = fopen(path, "w");
	if (!file) {
		perror(path);
		return;
	}
	for (size_t i = 0; i < BUCKETS; i++)
		for (b = buckets[i]; b; b = b->next)
			if (b->insns)
				fprintf(file, "%" PRIx64 " %" PRIu64 "\n",
					b->addr, b->insns);
	fclose(file);
}

/* nopl 0x544f59NN(%rax), as toy-bench.c has it. */
static int mark_of(const struct insn *insn)
{
	static const uint8_t mark[] = { 0x0f, 0x1f, 0x80 };
	static const uint8_t name[] = { 'Y', 'O', 'T' };
	const uint8_t *code = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != 7 || memcmp(code, mark, 3) ||
	    memcmp(code + 4, name, 3))
		return 0;
	return code[3];
}

static void translated(uint64_t id, struct tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct block *b = block_at(qemu_plugin_tb_vaddr(tb));

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &b->insns, n);
	for (size_t i = 0; i < n; i++) {
		struct insn *insn = qemu_plugin_tb_get_insn(tb, i);
		int mark = mark_of(insn);

		if (mark == 1)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, clear, 0,
							       NULL);
		if (mark == 2)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, dump, 0,
							       NULL);
	}
}

EXPORT int qemu_plugin_install(uint64_t id, const struct info *info, int argc,
			       char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "dir=", 4))
			dir = strdup(argv[i] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
