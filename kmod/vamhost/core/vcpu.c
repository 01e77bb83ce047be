// SPDX-License-Identifier: GPL-2.0
/*
 * core/vcpu.c - create, kick and destroy virtual CPUs
 *
 * Layer:    core. Called from core/vm.c; kick and request from anywhere.
 * Locks:    none of its own. The handshake between request and entry is the
 *           classical one: the requester sets a bit and then reads ->mode, the
 *           thread sets ->mode and then reads the bits, a full barrier between
 *           on both sides, so one of them sees the other.
 * Not here: what the thread does, run/run.c.
 */
#include <linux/kthread.h>
#include <linux/smp.h>
#include <asm/processor.h>
#include "core/alloc.h"
#include "core/part.h"
#include "core/vm.h"

#define CR0_RESET 0x60000010ULL /* CD, NW, ET: SDM vol. 3 table 10-1 */
#define PAT_RESET 0x0007040600070406ULL
#define DR6_RESET 0xffff0ff0ULL
#define DR7_RESET 0x400ULL

void vam_vcpu_kick(struct vam_vcpu *vcpu)
{
	/* Pairs with the barrier in run/run.c between mode and requests. */
	smp_mb();
	if (wake_up_process(vcpu->task)) {
		vam_stat_inc(vcpu, VAM_STAT_kicks);
		return;
	}
	if (READ_ONCE(vcpu->mode) == VAM_ENTERING)
		kick_process(vcpu->task);
}

static void answer_ipi(void *unused)
{
	/* The interrupt has made the vCPU leave the guest: that is all. */
}

void vam_vcpus_request_sync(struct vam_vm *vm, enum vam_request req,
			    struct vam_vcpu *except)
{
	unsigned int i, self = get_cpu();
	int cpu;

	for (i = 0; i < vm->nr_vcpus; i++) {
		struct vam_vcpu *vcpu = vm->vcpus[i];

		/* Gone already: see vcpu_destroy() in mmu/mmu.c. */
		if (!vcpu || vcpu == except)
			continue;
		vam_vcpu_request(vcpu, req);
		/* Pairs with the barrier in run/run.c. */
		smp_mb();
		if (READ_ONCE(vcpu->mode) != VAM_ENTERING)
			continue;
		cpu = READ_ONCE(vcpu->cpu);
		if (cpu >= 0 && cpu != self)
			smp_call_function_single(cpu, answer_ipi, NULL, 1);
	}
	put_cpu();
}

void vam_vcpu_reset(struct vam_vcpu *vcpu)
{
	const struct vam_part *const *part;

	memset(&vcpu->regs, 0, sizeof(vcpu->regs));
	vcpu->regs.rip = 0xfff0;
	vcpu->regs.rflags = X86_EFLAGS_FIXED;
	vcpu->regs.gpr[VAM_RDX] = cpuid_eax(1); /* family, model, stepping */
	vcpu->sys = (struct vam_sys){
		.cr0 = CR0_RESET,
		.xcr0 = 1, /* x87 */
		.pat = PAT_RESET,
		.dr6 = DR6_RESET,
		.dr7 = DR7_RESET,
	};
	vcpu->int_shadow = false;
	vcpu->nmi_masked = false;
	vcpu->fetch.page = ~0ULL;
	vam_hw->vcpu_reset(vcpu);
	for (part = vam_parts; *part; part++)
		if ((*part)->vcpu_reset)
			(*part)->vcpu_reset(vcpu);
	vam_vcpu_request(vcpu, VAM_REQ_ROOT);
}

static void destroy_parts(struct vam_vcpu *vcpu, unsigned int made)
{
	while (made)
		if (vam_parts[--made]->vcpu_destroy)
			vam_parts[made]->vcpu_destroy(vcpu);
}

static unsigned int count_parts(void)
{
	unsigned int n = 0;

	while (vam_parts[n])
		n++;
	return n;
}

int vam_vcpu_create(struct vam_vm *vm, unsigned int id)
{
	struct vam_vcpu *vcpu;
	unsigned int made;
	int err;

	vcpu = vam_zalloc(vam_hw->vcpu_size);
	if (!vcpu)
		return -ENOMEM;
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->cpu = -1;
	vcpu->tsc_base = vm->tsc_base;
	vcpu->fetch.page = ~0ULL;
	vcpu->state = id ? VAM_VCPU_WAIT_SIPI : VAM_VCPU_RUNNABLE;

	err = vam_hw->vcpu_create(vcpu);
	if (err)
		goto err_free;
	for (made = 0; vam_parts[made]; made++) {
		if (!vam_parts[made]->vcpu_create)
			continue;
		err = vam_parts[made]->vcpu_create(vcpu);
		if (err)
			goto err_destroy_parts;
	}
	vam_vcpu_reset(vcpu);

	vcpu->task = kthread_create(vam_vcpu_thread, vcpu, "vam/%s/%u",
				    vm->name, id);
	if (IS_ERR(vcpu->task)) {
		err = PTR_ERR(vcpu->task);
		goto err_destroy_parts;
	}
	get_task_struct(vcpu->task); /* kicks may come after it has exited */
	vm->vcpus[id] = vcpu;
	/* A thread never woken counts as hung; ours waits idle by itself. */
	wake_up_process(vcpu->task);
	return 0;

err_destroy_parts:
	destroy_parts(vcpu, made);
	vam_hw->vcpu_destroy(vcpu);
err_free:
	kfree(vcpu);
	return err;
}

void vam_vcpu_stop(struct vam_vcpu *vcpu)
{
	/* A thread's exit can be waited for only once. */
	if (!vcpu->stopped)
		kthread_stop(vcpu->task);
	vcpu->stopped = true;
}

void vam_vcpu_destroy(struct vam_vcpu *vcpu)
{
	/* Creation may have failed half-way, before anyone stopped it. */
	vam_vcpu_stop(vcpu);
	destroy_parts(vcpu, count_parts()); /* until then it may be kicked */
	put_task_struct(vcpu->task);
	vcpu->vm->vcpus[vcpu->id] = NULL;
	vam_hw->vcpu_destroy(vcpu);
	kfree(vcpu);
}
