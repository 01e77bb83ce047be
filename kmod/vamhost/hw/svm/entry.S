/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hw/svm/entry.S - the switch into the guest and back
 *
 * VMRUN switches RIP, RSP, RAX, RFLAGS, control and debug registers and the
 * segments CS, SS, DS, ES. Everything else is ours: the other general
 * registers here, FS, GS, TR, LDTR and the system-call MSRs by VMLOAD and
 * VMSAVE, the FPU in run/fpu.c.
 *
 * Interrupts: entered with IF=0. GIF=0 keeps NMIs and interrupts from being
 * taken between host and guest state; IF must be 1 at VMRUN so that a host
 * interrupt makes the guest exit. After STGI a pending NMI is taken at once,
 * interrupts when the caller enables them.
 *
 * Interrupt shadow: the control block says whether the guest begins in one.
 * QEMU's emulation does not read it; there, the guest begins in the shadow of
 * the host's own STI. So STI comes early, and once more right before VMRUN
 * when the guest is in a shadow. A CPU sees an STI that changes nothing.
 *
 * Layer:    hw/svm. Called from svm.c only.
 * Spec:     APM vol. 2 15.5 (VMRUN), 15.17 (GIF), 15.21 (interrupts).
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>
#include <compat/nospec.h>

/* Offsets into struct vam_regs; svm.c asserts them. */
#define R(n)	((n) * 8)

.section .noinstr.text, "ax"

/*
 * svm_run(regs, vmcb_pa, host_save_pa, shadow) - one VMRUN
 * %rdi: struct vam_regs *, %rsi: guest's control block, %rdx: host's save page,
 * %ecx: 1 if the guest is in an interrupt shadow, else 0
 *
 * Returns 0 after an exit, 1 when SVM is off on this CPU: an emergency reboot
 * or a crash turns it off behind our back, from an NMI. That can happen up to
 * CLGI but not after it, so one exception-table entry there (and one for STGI,
 * where NMIs come back) is enough.
 */
SYM_FUNC_START(svm_run)
	push	%rbp
	mov	%rsp, %rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
	push	%rdi
	push	%rdx
	push	%rsi

1:	clgi
	sti
	mov	%rsi, %rax
	shr	$1, %ecx		/* the shadow is in CF from here on */
	vmload	%rax

	mov	R(1)(%rdi), %rcx
	mov	R(2)(%rdi), %rdx
	mov	R(3)(%rdi), %rbx
	mov	R(5)(%rdi), %rbp
	mov	R(6)(%rdi), %rsi
	mov	R(8)(%rdi), %r8
	mov	R(9)(%rdi), %r9
	mov	R(10)(%rdi), %r10
	mov	R(11)(%rdi), %r11
	mov	R(12)(%rdi), %r12
	mov	R(13)(%rdi), %r13
	mov	R(14)(%rdi), %r14
	mov	R(15)(%rdi), %r15
	mov	R(7)(%rdi), %rdi

	/* Nothing of the host's in the CPU's buffers; clobbers ZF only. */
	VM_CLEAR_CPU_BUFFERS

	jnc	5f
	sti
5:	vmrun	%rax
	cli

	/* RAX and RSP are the host's again. */
	pop	%rax			/* the guest's control block */
	vmsave	%rax
	mov	%rdi, %rax		/* the guest's RDI */
	mov	8(%rsp), %rdi
	mov	%rcx, R(1)(%rdi)
	mov	%rdx, R(2)(%rdi)
	mov	%rbx, R(3)(%rdi)
	mov	%rbp, R(5)(%rdi)
	mov	%rsi, R(6)(%rdi)
	mov	%rax, R(7)(%rdi)
	mov	%r8,  R(8)(%rdi)
	mov	%r9,  R(9)(%rdi)
	mov	%r10, R(10)(%rdi)
	mov	%r11, R(11)(%rdi)
	mov	%r12, R(12)(%rdi)
	mov	%r13, R(13)(%rdi)
	mov	%r14, R(14)(%rdi)
	mov	%r15, R(15)(%rdi)

	/* GS, hence per-CPU data, is the host's from here on. */
	pop	%rax
	vmload	%rax
	pop	%rdi

	/* The guest may have trained the return predictor: before any RET. */
	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT
	UNTRAIN_RET_VM

	/* No guest value stays where speculation could use it. */
	xor	%eax, %eax
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d

	/* The callee-saved ones are overwritten by the host's own. */
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
2:	stgi
3:	RET

4:	add	$24, %rsp	/* the three arguments */
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	mov	$1, %eax
	RET

	_ASM_EXTABLE(1b, 4b)
	_ASM_EXTABLE(2b, 3b)
SYM_FUNC_END(svm_run)
