/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run/emul.h - fetch, skip and carry out guest instructions
 *
 * Layer:    run. All on the vCPU's thread, outside the guest.
 */
#ifndef VAM_RUN_EMUL_H
#define VAM_RUN_EMUL_H

#include <asm/processor-flags.h>
#include "core/vcpu.h"
#include "lib/insn.h"

/**
 * vam_emul_fetch() - read and decode the instruction at RIP
 * @vcpu: the vCPU
 * @insn: out
 *
 * Return: 0; 1 when an exception was queued instead (unreadable, too long, or
 * undefined instruction): the caller lets the guest go on.
 */
int __must_check vam_emul_fetch(struct vam_vcpu *vcpu, struct vam_insn *insn);

/* vam_emul_skip_slow() - the cases that vam_emul_skip() leaves out. */
void vam_emul_skip_slow(struct vam_vcpu *vcpu, unsigned int len);

/**
 * vam_emul_skip() - the instruction at RIP is done: step behind it
 * @vcpu: the vCPU
 * @len: its length in bytes
 *
 * Ends an interrupt shadow, and delivers the single-step trap if RFLAGS.TF
 * was set.
 */
static inline void vam_emul_skip(struct vam_vcpu *vcpu, unsigned int len)
{
	u64 rip = vcpu->regs.rip + len;

	if (unlikely(((rip ^ vcpu->regs.rip) >> 32) ||
		     (vcpu->regs.rflags & (X86_EFLAGS_TF | X86_EFLAGS_RF)))) {
		vam_emul_skip_slow(vcpu, len);
		return;
	}
	vcpu->regs.rip = rip;
	vcpu->int_shadow = false;
}

/**
 * vam_emul_skip_two() - skip an instruction that is two bytes unless prefixed
 * @vcpu: the vCPU
 * @second: its second opcode byte; the first is 0x0f
 *
 * Uses what the CPU said about the length, else looks at the bytes. Return: 0,
 * or 1 when an exception was queued instead.
 */
int __must_check vam_emul_skip_two(struct vam_vcpu *vcpu, u8 second);

/**
 * vam_emul_is_long() - does the code segment run in 64-bit mode?
 * @vcpu: on its thread
 */
bool vam_emul_is_long(struct vam_vcpu *vcpu);

/**
 * vam_emul_linear() - linear address of an offset in a segment
 * @vcpu: the vCPU
 * @seg: enum vam_seg_num
 * @offset: already truncated to the address size
 */
gva_t vam_emul_linear(struct vam_vcpu *vcpu, unsigned int seg, u64 offset);

/**
 * vam_emul_access() - read or write linear memory as the CPU would
 * @vcpu: the vCPU
 * @gva: first byte
 * @buf: what to write, or where the read bytes go
 * @size: 1 to 16 bytes
 * @write: direction
 *
 * RAM or device, whatever is there; user rights if CPL is 3. Return: 0; 1 when
 * an exception was queued instead; VAM_STOP never differs from 1 here: the run
 * loop looks at the VM's state itself.
 */
int __must_check vam_emul_access(struct vam_vcpu *vcpu, gva_t gva, void *buf,
				 unsigned int size, bool write);

/**
 * vam_emul_probe_write() - would a write of @size bytes at @gva fault?
 * @vcpu: the vCPU
 * @gva: first byte
 * @size: 1 to 16 bytes
 *
 * Return: 0, or 1 when it would and the exception was queued.
 */
int __must_check vam_emul_probe_write(struct vam_vcpu *vcpu, gva_t gva,
				      unsigned int size);

/**
 * vam_emul_memory() - carry out the instruction whose access faulted
 * @vcpu: the vCPU
 * @gva: faulting address
 * @gpa: where it translates to
 * @traced: it is RAM, a traced page table; else there is a device or nothing
 *
 * Return: 0 to go on, VAM_STOP.
 */
int vam_emul_memory(struct vam_vcpu *vcpu, gva_t gva, gpa_t gpa, bool traced);

/**
 * vam_emul_gp() - queue #GP(0)
 * @vcpu: on its thread
 */
void vam_emul_gp(struct vam_vcpu *vcpu);

/**
 * vam_emul_ud() - queue #UD
 * @vcpu: on its thread
 */
void vam_emul_ud(struct vam_vcpu *vcpu);

#endif /* VAM_RUN_EMUL_H */
