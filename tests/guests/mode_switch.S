/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mode_switch.S - from long mode through every paging mode to real mode, back
 *
 * void mode_tour(struct tour *): see mode_switch.c for the fields. Each mode
 * counts at the same linear address; the tables decide which frame that is.
 */
#include "seg.h"

#define PAE_CR3 0
#define P32_CR3 4
#define COUNT_FLAT 8
#define SEEN_PAE 12
#define SEEN_P32 16
#define COUNT_REAL 20
#define COUNT_INT 24
#define SEEN_FLAT 28

#define AT 0x40000000
#define REAL(label) (TRAMPOLINE + (label - real_code))

	.text
	.globl mode_tour
mode_tour:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	pushf
	cli
	mov %rdi, %rbp
	mov %rsp, saved_sp
	mov %cr3, %rax
	mov %eax, saved_cr3
	mov %cr4, %rax
	mov %eax, saved_cr4
	mov %cr0, %rax
	mov %eax, saved_cr0
	sidt saved_idt
	pushq $SEL_CODE32
	pushq $1f
	lretq

	.code32
1:	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl saved_cr0, %ebx
	andl $0x7fffffff, %ebx

	/* no paging; long mode goes with it */
	movl %ebx, %cr0
	incl COUNT_FLAT(%ebp)
	movl 0x1000000, %eax
	movl %eax, SEEN_FLAT(%ebp)
	movl $0xc0000080, %ecx
	rdmsr
	andl $~0x100, %eax
	wrmsr

	/* PAE */
	movl PAE_CR3(%ebp), %eax
	movl %eax, %cr3
	movl %ebx, %eax
	orl $0x80000000, %eax
	movl %eax, %cr0
	incl AT
	movl AT, %edx
	movl %edx, SEEN_PAE(%ebp)
	movl %ebx, %cr0

	/* 32-bit with PSE */
	movl $0x10, %eax
	movl %eax, %cr4
	movl P32_CR3(%ebp), %eax
	movl %eax, %cr3
	movl %ebx, %eax
	orl $0x80000000, %eax
	movl %eax, %cr0
	incl AT
	movl AT, %edx
	movl %edx, SEEN_P32(%ebp)
	movl %ebx, %cr0
	xorl %eax, %eax
	movl %eax, %cr4

	/* 16-bit protected mode, then real mode */
	ljmp $SEL_CODE16, $REAL(real_16)
back_32:
	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl saved_cr4, %eax
	movl %eax, %cr4
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl saved_cr3, %eax
	movl %eax, %cr3
	movl saved_cr0, %eax
	movl %eax, %cr0
	ljmp $SEL_CODE64, $1f

	.code64
1:	lidt saved_idt
	mov saved_sp, %rsp
	popf
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	/* Copied to TRAMPOLINE by the C side. EBX: CR0 without paging. */
	.globl real_code, real_code_end
	.code16
	.align 16
real_code:
real_16:
	movw $SEL_DATA16, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	movl %ebx, %eax
	andl $~1, %eax
	movl %eax, %cr0
	ljmp $0, $REAL(1f)
1:	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movw $0x7000, %sp
	lidtl REAL(real_idt)

	/* a segment of its own, the stack, a software interrupt */
	movw $0x5000, %ax
	movw %ax, %ds
	incl %ds:0x10			/* linear 0x50010 */
	pushl %ds:0x10
	xorw %ax, %ax
	movw %ax, %ds
	popl %eax
	movl %eax, REAL(real_count)
	movw $REAL(real_int), %ds:0x60 * 4
	movw $0, %ds:0x60 * 4 + 2
	int $0x60

	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $SEL_CODE32, $back_32
real_int:
	incl REAL(real_ints)
	iretw
	.align 4
real_idt:
	.word 0x3ff
	.long 0
	.align 4
	.globl real_count, real_ints
real_count:
	.long 0
real_ints:
	.long 0
real_code_end:

	.data
	.align 8
saved_sp:
	.quad 0
saved_cr0:
	.long 0
saved_cr3:
	.long 0
saved_cr4:
	.long 0
saved_idt:
	.skip 10

	.section .note.GNU-stack, "", @progbits
