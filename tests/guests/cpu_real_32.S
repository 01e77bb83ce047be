/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpu_real_32.S - the part of cpu_real_32.c that runs in real mode
 *
 * Copied to REAL (below 64 KiB) and entered there from flat protected mode.
 * Every step stores a word in the table at RESULTS.
 */
#include "seg.h"

#define REAL 0x9000
#define RESULTS 0xb000
#define SAVED_SP 0xbf00
#define AT(label) (REAL + (label) - real_start)
#define PUT(reg) movw reg, (%di); addw $2, %di

	.text
	.code32
	.globl real_run
real_run:
	pusha
	pushf
	cli
	mov %esp, SAVED_SP
	sgdt SAVED_SP + 8
	sidt SAVED_SP + 16
	ljmp $SEL_CODE16, $REAL

	.globl real_back
real_back:
	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	mov SAVED_SP, %esp
	lidt SAVED_SP + 16
	popf
	popa
	ret

	.globl real_start, real_end
real_start:
	.code16
	/* 16-bit protected mode: give the segments real-mode limits */
	mov $SEL_DATA16, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %fs
	mov %ax, %gs
	mov %ax, %ss
	mov %cr0, %eax
	and $0xfffffffe, %eax
	mov %eax, %cr0
	ljmp $REAL >> 4, $(1f - real_start)
1:	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %ss
	mov $0x7c00, %sp
	lidtl AT(ivt_ptr)
	mov $RESULTS, %di

	/* segments: CS, base by shifting, wrap inside a segment */
	mov %cs, %ax
	PUT(%ax)
	mov $0x1000, %ax
	mov %ax, %fs
	movw $0xbeef, %fs:0x20
	mov $0x0fff, %ax
	mov %ax, %gs
	mov %gs:0x30, %ax
	PUT(%ax)
	smsw %ax
	and $0x1, %ax
	PUT(%ax)

	/* INT through the vector table, IRET, FLAGS */
	movw $AT(int40), 0x40 * 4
	movw $0, 0x40 * 4 + 2
	mov $0x1234, %ax
	stc
	int $0x40
	pushf
	pop %bx
	PUT(%ax)
	and $1, %bx
	PUT(%bx)
	/* #DE and #UD go there as well, with IP of the instruction */
	movw $AT(fault), 0
	movw $0, 2
	movw $AT(fault), 6 * 4
	movw $0, 6 * 4 + 2
	movw $AT(fault), 13 * 4
	movw $0, 13 * 4 + 2
	movw $AT(3f), AT(resume)
	xor %cx, %cx
	mov $1, %ax
	xor %dx, %dx
	div %cx
3:	mov AT(hits), %ax
	PUT(%ax)
	movw $AT(4f), AT(resume)
	ud2
4:	mov AT(hits), %ax
	PUT(%ax)
	/* a privileged instruction is nothing special here */
	mov %cr0, %eax
	mov %eax, %cr0
	PUT(%ax)

	/* string instructions, 16-bit and 32-bit addresses */
	mov $0xc000, %di
	mov $0x5a5a, %ax
	mov $8, %cx
	cld
	rep stosw
	mov %di, %bx
	mov $0xc000, %si
	mov $0xc100, %di
	mov $4, %cx
	rep movsl
	mov 0xc10e, %ax
	mov $RESULTS + 32, %di
	PUT(%bx)
	PUT(%ax)
	PUT(%cx)
	mov $0xc000, %esi
	addr32 mov (%esi), %eax
	PUT(%ax)

	/* ports: a byte, a string of bytes from the UART's scratch register */
	mov $0x3ff, %dx
	mov $0x77, %al
	out %al, %dx
	xor %ax, %ax
	in %dx, %al
	PUT(%ax)
	push %di
	mov $0xc200, %di
	mov $4, %cx
	rep insb
	pop %di
	mov 0xc202, %ax
	PUT(%ax)
	mov $0x5000, %dx
	in %dx, %ax
	PUT(%ax)
	mov $0x80, %dx
	mov $0xc200, %si
	mov $3, %cx
	rep outsb
	PUT(%si)

	/* stack, near and far calls, 32-bit operands */
	mov %sp, %bx
	call 5f
	sub %sp, %bx
	PUT(%bx)
	lcall $0, $AT(far_fn)
	PUT(%ax)
	pushl $0x11223344
	pop %ax
	pop %bx
	PUT(%ax)
	PUT(%bx)
	mov $0xffff, %ax
	add $1, %ax
	pushf
	pop %ax
	and $0x8d5, %ax
	PUT(%ax)

	/* an interrupt from the 8254 through the vector table, in HLT */
	movw $AT(irq), 0x48 * 4
	movw $0, 0x48 * 4 + 2
	mov $0x11, %al
	out %al, $0x20
	mov $0x48, %al
	out %al, $0x21
	mov $4, %al
	out %al, $0x21
	mov $1, %al
	out %al, $0x21
	mov $0xfe, %al
	out %al, $0x21
	mov $0x30, %al
	out %al, $0x43
	xor %al, %al
	out %al, $0x40
	mov $2, %al
	out %al, $0x40
	sti
	hlt
	cli
	mov AT(irqs), %ax
	PUT(%ax)
	mov $0xff, %al
	out %al, $0x21

	/* and cpuid, rdtsc, rdmsr */
	mov $0xc0000080, %ecx
	rdmsr
	PUT(%ax)
	mov %di, %si
	xor %eax, %eax
	cpuid
	mov %si, %di
	test %eax, %eax
	setnz %al
	xor %ah, %ah
	PUT(%ax)
	movw $0x600d, (%di)

	/* back */
	lgdtl SAVED_SP + 8
	mov %cr0, %eax
	or $1, %eax
	mov %eax, %cr0
	ljmpl $SEL_CODE32, $real_back

5:	ret
far_fn:
	mov $0xfa2, %ax
	lret
int40:
	push %bp
	mov %sp, %bp
	mov 6(%bp), %ax			/* FLAGS pushed by INT */
	and $0x201, %ax
	or $0x4000, %ax
	andw $0xfffe, 6(%bp)		/* IRET clears carry */
	pop %bp
	iret
fault:
	incw %cs:(hits - real_start + REAL)
	push %bp
	mov %sp, %bp
	push %ax
	mov %cs:(resume - real_start + REAL), %ax
	mov %ax, 2(%bp)
	movw $0, 4(%bp)
	pop %ax
	pop %bp
	iret
irq:
	push %ax
	incw %cs:(irqs - real_start + REAL)
	mov $0x20, %al
	out %al, $0x20
	pop %ax
	iret
	.align 4
ivt_ptr:
	.word 0x3ff
	.long 0
hits:	.word 0
irqs:	.word 0
resume:	.word 0
real_end:

	.section .note.GNU-stack, "", @progbits
