// SPDX-License-Identifier: GPL-2.0
/*
 * run/fault.c - page faults
 *
 * Layer:    run.
 * Not here: finding out what a fault means, mmu/.
 */
#include <asm/trapnr.h>
#include "core/vm.h"
#include "irq/virq.h"
#include "mmu/mmu.h"
#include "run/emul.h"
#include "run/run.h"

int vam_run_page_fault(struct vam_vcpu *vcpu)
{
	struct vam_mmu_answer answer = { 0 };
	gva_t gva = vcpu->exit.u.pf.gva;

	switch (vam_mmu_fault(vcpu, gva, vcpu->exit.u.pf.error, &answer)) {
	case VAM_MMU_RETRY:
		return 0;
	case VAM_MMU_GUEST:
		vcpu->sys.cr2 = gva;
		vam_virq_exception(vcpu, X86_TRAP_PF, true, answer.error);
		return 0;
	case VAM_MMU_MMIO:
		return vam_emul_memory(vcpu, gva, answer.gpa, false);
	case VAM_MMU_WRITE:
		return vam_emul_memory(vcpu, gva, answer.gpa, true);
	case VAM_MMU_STOP:
		break;
	}
	return VAM_STOP;
}
