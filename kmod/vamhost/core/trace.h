/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core/trace.h - tracepoints: entry, exit, injection, fault, fill, zap
 *
 * Layer:    core. Fired from mmu, irq and run; read with the kernel's own
 *           tools, under events/vamhost.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vamhost

#if !defined(VAM_CORE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VAM_CORE_TRACE_H

#include <linux/tracepoint.h>
#include "core/vm.h"

/* clang-format off */
TRACE_EVENT(vam_entry,
	TP_PROTO(struct vam_vcpu *vcpu),
	TP_ARGS(vcpu),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, rip)
	),
	TP_fast_assign(
		__entry->vm = vcpu->vm->id;
		__entry->vcpu = vcpu->id;
		__entry->rip = vcpu->regs.rip;
	),
	TP_printk("vm %u vcpu %u rip %#llx",
		  __entry->vm, __entry->vcpu, __entry->rip)
);

TRACE_EVENT(vam_exit,
	TP_PROTO(struct vam_vcpu *vcpu),
	TP_ARGS(vcpu),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u32, kind)
		__field(u64, rip)
		__field(u64, hw_code)
		__field(u64, info0)
		__field(u64, info1)
	),
	TP_fast_assign(
		__entry->vm = vcpu->vm->id;
		__entry->vcpu = vcpu->id;
		__entry->kind = vcpu->exit.kind;
		__entry->rip = vcpu->regs.rip;
		__entry->hw_code = vcpu->exit.hw_code;
		__entry->info0 = vcpu->exit.hw_info[0];
		__entry->info1 = vcpu->exit.hw_info[1];
	),
	TP_printk("vm %u vcpu %u %s rip %#llx code %#llx info %#llx %#llx",
		  __entry->vm, __entry->vcpu, vam_stat_name(__entry->kind),
		  __entry->rip, __entry->hw_code, __entry->info0,
		  __entry->info1)
);

TRACE_EVENT(vam_inject,
	TP_PROTO(struct vam_vcpu *vcpu, const struct vam_event *event),
	TP_ARGS(vcpu, event),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u8, type)
		__field(u8, vector)
		__field(u32, error)
	),
	TP_fast_assign(
		__entry->vm = vcpu->vm->id;
		__entry->vcpu = vcpu->id;
		__entry->type = event->type;
		__entry->vector = event->vector;
		__entry->error = event->has_error ? event->error : 0;
	),
	TP_printk("vm %u vcpu %u type %u vector %u error %#x",
		  __entry->vm, __entry->vcpu, __entry->type, __entry->vector,
		  __entry->error)
);

TRACE_EVENT(vam_fault,
	TP_PROTO(struct vam_vcpu *vcpu, u64 gva, u32 error, int verdict),
	TP_ARGS(vcpu, gva, error, verdict),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, rip)
		__field(u64, gva)
		__field(u32, error)
		__field(int, verdict)
	),
	TP_fast_assign(
		__entry->vm = vcpu->vm->id;
		__entry->vcpu = vcpu->id;
		__entry->rip = vcpu->regs.rip;
		__entry->gva = gva;
		__entry->error = error;
		__entry->verdict = verdict;
	),
	TP_printk("vm %u vcpu %u rip %#llx gva %#llx error %#x verdict %d",
		  __entry->vm, __entry->vcpu, __entry->rip, __entry->gva,
		  __entry->error, __entry->verdict)
);

TRACE_EVENT(vam_fill,
	TP_PROTO(struct vam_vcpu *vcpu, u64 gva, u64 gpa, u32 level, u64 spte),
	TP_ARGS(vcpu, gva, gpa, level, spte),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, gva)
		__field(u64, gpa)
		__field(u32, level)
		__field(u64, spte)
	),
	TP_fast_assign(
		__entry->vm = vcpu->vm->id;
		__entry->vcpu = vcpu->id;
		__entry->gva = gva;
		__entry->gpa = gpa;
		__entry->level = level;
		__entry->spte = spte;
	),
	TP_printk("vm %u vcpu %u gva %#llx gpa %#llx level %u spte %#llx",
		  __entry->vm, __entry->vcpu, __entry->gva, __entry->gpa,
		  __entry->level, __entry->spte)
);

TRACE_EVENT(vam_zap,
	TP_PROTO(struct vam_vm *vm, u64 gfn, u32 role),
	TP_ARGS(vm, gfn, role),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u64, gfn)
		__field(u32, role)
	),
	TP_fast_assign(
		__entry->vm = vm->id;
		__entry->gfn = gfn;
		__entry->role = role;
	),
	TP_printk("vm %u gfn %#llx role %#x",
		  __entry->vm, __entry->gfn, __entry->role)
);

/* clang-format on */

#endif /* VAM_CORE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
