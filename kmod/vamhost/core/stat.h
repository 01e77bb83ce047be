/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/stat.h - the counters a VM keeps about itself
 *
 * One table names them all; the ioctl, debugfs and the tracepoints print from
 * it. A counter is written by one vCPU thread only (per-vCPU part) or under
 * the MMU lock (per-VM part), so plain additions do.
 *
 * Layer:    core.
 */
#ifndef VAM_CORE_STAT_H
#define VAM_CORE_STAT_H

#include <linux/types.h>

/*
 * The names, which are also what users see. Exits come first and in the order
 * of enum vam_exit_kind; then what the run loop does, events handed to the
 * guest, and shadow page tables.
 */
/* clang-format off */
#define VAM_STATS(X) \
	X(exit_irq) \
	X(exit_nmi) \
	X(exit_mce) \
	X(exit_io) \
	X(exit_cpuid) \
	X(exit_msr) \
	X(exit_hlt) \
	X(exit_cr) \
	X(exit_dr) \
	X(exit_invlpg) \
	X(exit_invpcid) \
	X(exit_xsetbv) \
	X(exit_hypercall) \
	X(exit_exception) \
	X(exit_page_fault) \
	X(exit_irq_window) \
	X(exit_nmi_window) \
	X(exit_shutdown) \
	X(exit_init) \
	X(exit_rdpmc) \
	X(exit_pause) \
	X(exit_wbinvd) \
	X(exit_monitor) \
	X(exit_mwait) \
	X(exit_task_switch) \
	X(exit_fpu) \
	X(exit_virt_insn) \
	X(exit_bad_state) \
	X(exit_unknown) \
	X(entries) \
	X(halts) \
	X(kicks) \
	X(preempted) \
	X(mmio) \
	X(insn_emulated) \
	X(inject_irq) \
	X(inject_nmi) \
	X(inject_exception) \
	X(reinject) \
	X(tlb_flush) \
	X(mmu_fill) \
	X(mmu_prefetch) \
	X(mmu_guest_fault) \
	X(mmu_unsync) \
	X(mmu_sync_page) \
	X(mmu_sync_entry) \
	X(mmu_trace_write) \
	X(mmu_flood) \
	X(mmu_zap) \
	X(mmu_reclaim) \
	X(mmu_root_hit) \
	X(mmu_root_miss) \
	X(mmu_spurious) \
	X(mmu_large)
/* clang-format on */

enum vam_stat {
#define X(name) VAM_STAT_##name,
	VAM_STATS(X)
#undef X
		VAM_STAT_NR,
};

/**
 * vam_stat_name() - the name of a counter, as users see it
 * @stat: which one, below VAM_STAT_NR
 *
 * Context: any. Return: a constant string, NULL when @stat is out of range.
 */
const char *vam_stat_name(unsigned int stat);

#endif /* VAM_CORE_STAT_H */
