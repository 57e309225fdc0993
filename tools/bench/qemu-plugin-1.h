/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tcg-profile.c uses of version 1 of QEMU's interface for plugins, which
 * Debian 12's QEMU 7.2 has. Debian has no package with QEMU's own header.
 */
#ifndef TOY_QEMU_PLUGIN_1_H
#define TOY_QEMU_PLUGIN_1_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT	__attribute__((visibility("default")))

struct tb;
struct insn;
struct info;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*cb)(uint64_t id,
						      struct tb *tb));
/* @op 0 adds @value. */
void qemu_plugin_register_vcpu_tb_exec_inline(struct tb *tb, int op,
					      void *counter, uint64_t value);
/* @flags 0: the callback touches no register. */
void qemu_plugin_register_vcpu_insn_exec_cb(struct insn *insn,
					    void (*cb)(unsigned int cpu,
						       void *data),
					    int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct tb *tb);
struct insn *qemu_plugin_tb_get_insn(const struct tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct insn *insn);
size_t qemu_plugin_insn_size(const struct insn *insn);

/* What QEMU looks for in a plugin. */
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(uint64_t id, const struct info *info, int argc,
			       char **argv);

#endif /* TOY_QEMU_PLUGIN_1_H */
