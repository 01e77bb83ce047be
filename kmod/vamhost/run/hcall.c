// SPDX-License-Identifier: GPL-2.0
/*
 * run/hcall.c - hypercalls
 *
 * RAX holds the number and takes the answer. Number 0 does nothing: it is how
 * a guest, and the benchmark, finds out that we are there.
 *
 * Layer:    run.
 */
#include <linux/errno.h>
#include "core/vm.h"
#include "run/emul.h"
#include "run/run.h"

#define HYPERCALL_LEN 3 /* VMMCALL and VMCALL alike */

int vam_run_hypercall(struct vam_vcpu *vcpu)
{
	u64 *rax = &vcpu->regs.gpr[VAM_RAX];

	/* User mode has no business here. */
	if (vcpu->cpl) {
		vam_emul_ud(vcpu);
		return 0;
	}
	*rax = *rax ? (u64)-ENOSYS : 0;
	vam_emul_skip(vcpu, vcpu->exit.insn_len ?: HYPERCALL_LEN);
	return 0;
}
