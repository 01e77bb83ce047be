// SPDX-License-Identifier: GPL-2.0
/*
 * run/io.c - IN, OUT and their string forms
 *
 * Layer:    run. Called from exit.c.
 * Not here: who owns a port, dev/bus.c.
 */
#include "core/vm.h"
#include "dev/bus.h"
#include "run/emul.h"
#include "run/run.h"

/* Elements of one REP before interrupts and others get a turn. */
#define STRING_BATCH 512

static int do_element(struct vam_vcpu *vcpu, const struct vam_insn *insn,
		      u16 port, unsigned int size)
{
	u64 value = 0;
	gva_t gva;

	if (vcpu->exit.u.io.in) {
		gva = vam_emul_linear(vcpu, VAM_SEG_ES,
				      vam_insn_string_dst(insn, &vcpu->regs));
		/* The CPU writes last; a fault must not eat the input. */
		if (vam_emul_probe_write(vcpu, gva, size))
			return 1;
		value = vam_bus_read(vcpu, VAM_BUS_PORT, port, size);
		return vam_emul_access(vcpu, gva, &value, size, true);
	}
	gva = vam_emul_linear(vcpu, insn->seg,
			      vam_insn_string_src(insn, &vcpu->regs));
	if (vam_emul_access(vcpu, gva, &value, size, false))
		return 1;
	return vam_bus_write(vcpu, VAM_BUS_PORT, port, size, value);
}

static int do_string(struct vam_vcpu *vcpu)
{
	unsigned int i, size = vcpu->exit.u.io.size;
	struct vam_insn insn;
	bool more;

	if (vam_emul_fetch(vcpu, &insn))
		return 0;
	/* Another vCPU may have changed the instruction since it exited. */
	if (insn.op != VAM_INSN_INS && insn.op != VAM_INSN_OUTS)
		return 0;

	more = vam_insn_string_count(&insn, &vcpu->regs);
	for (i = 0; more && i < STRING_BATCH; i++) {
		if (do_element(vcpu, &insn, vcpu->exit.u.io.port, size))
			return 0;
		more = vam_insn_string_step(&insn, &vcpu->regs, 1);
	}
	if (!more)
		vam_emul_skip(vcpu, insn.len);
	return 0;
}

static void put_in_rax(struct vam_vcpu *vcpu, unsigned int size, u64 value)
{
	u64 *rax = &vcpu->regs.gpr[VAM_RAX];

	switch (size) {
	case 1:
		*rax = (*rax & ~0xffULL) | (u8)value;
		break;
	case 2:
		*rax = (*rax & ~0xffffULL) | (u16)value;
		break;
	default:
		*rax = (u32)value;
	}
}

int vam_run_io(struct vam_vcpu *vcpu)
{
	unsigned int size = vcpu->exit.u.io.size;
	u16 port = vcpu->exit.u.io.port;
	u64 value;

	if (vcpu->exit.u.io.string)
		return do_string(vcpu);

	if (vcpu->exit.u.io.in) {
		value = vam_bus_read(vcpu, VAM_BUS_PORT, port, size);
		put_in_rax(vcpu, size, value);
	} else {
		value = vcpu->regs.gpr[VAM_RAX];
		if (size < 4)
			value &= (1u << size * 8) - 1;
		else
			value = (u32)value;
		if (vam_bus_write(vcpu, VAM_BUS_PORT, port, size, value))
			return VAM_STOP;
	}
	vam_emul_skip(vcpu, vcpu->exit.insn_len);
	return 0;
}
