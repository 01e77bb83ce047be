/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entry.S - from Multiboot (or a start-up IPI) to C, and from a trap to C
 *
 * Everything a C compiler cannot say: the header, the way up into long mode
 * (64-bit flavour), the real-mode start of further CPUs, the 256 trap stubs,
 * and the register juggling behind guard() and user_call().
 *
 * Spec: Multiboot 0.6.96; SDM vol. 3 ch. 9.8.5 (entering IA-32e mode), 8.4.
 */
#include "seg.h"

#define CPU_BLOCK 0x8000

	.section .multiboot, "a"
	.align 4
	.long 0x1badb002		/* magic */
	.long 0x00000003		/* page aligned modules, memory size */
	.long -(0x1badb002 + 3)

	.text
	.code32
	.globl start
start:
	cli
	cld
	movl $(cpu_blocks + CPU_BLOCK), %esp
	lgdt gdt_ptr
	ljmp $SEL_CODE32, $1f
1:	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl $first_c, %edi
	jmp up

/*
 * Common to all CPUs: protected mode without paging, stack set, the C
 * function to call in EDI, its argument in EBX.
 */
up:
#ifdef __x86_64__
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax		/* LME */
	wrmsr
	movl $0x80010033, %eax		/* PG WP NE ET MP PE */
	movl %eax, %cr0
	ljmp $SEL_CODE64, $1f
	.code64
1:	movl %edi, %eax
	movl %ebx, %edi
	call *%rax
#else
	movl $0x00010033, %eax
	movl %eax, %cr0
	pushl $0
	pushl $0
	pushl $0
	pushl %ebx
	call *%edi
#endif
2:	hlt
	jmp 2b

/*
 * Further CPUs begin here, in real mode, in a copy at TRAMPOLINE. The C code
 * that starts them fills in stack and table pointer first.
 */
	.code16
	.globl trampoline, trampoline_end
trampoline:
	cli
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl TRAMPOLINE + (tramp_gdt - trampoline)
	movl $0x11, %eax
	movl %eax, %cr0
	ljmpl $SEL_CODE32, $(TRAMPOLINE + (1f - trampoline))
	.code32
1:	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl ap_block, %ebx
	leal CPU_BLOCK(%ebx), %esp
	movl $ap_c, %edi
	movl $up, %eax
	jmp *%eax
	.align 4
tramp_gdt:
	.word gdt_end - gdt - 1
	.long gdt
trampoline_end:

	.data
	.align 8
	.globl gdt
gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* code, 64-bit */
	.quad 0x00cf93000000ffff	/* data */
	.quad 0x00cf9b000000ffff	/* code, 32-bit */
	.quad 0x00009b000000ffff	/* code, 16-bit */
	.quad 0x000093000000ffff	/* data, 64 KiB */
	.quad 0x00cffb000000ffff	/* user code, 32-bit */
	.quad 0x00cff3000000ffff	/* user data */
	.quad 0x00affb000000ffff	/* user code, 64-bit */
	.fill 4, 8, 0			/* SEL_SPARE */
	.fill 8, 8, 0			/* TSS of each CPU */
gdt_end:
	.globl gdt_ptr
gdt_ptr:
	.word gdt_end - gdt - 1
	.long gdt
	.long 0

#ifdef __x86_64__
	/* The low 4 GiB one to one; 4-8 MiB belongs to user mode. */
	.data
	.align 4096
	.globl boot_pml4
boot_pml4:
	.quad boot_pdpt + 7
	.fill 511, 8, 0
boot_pdpt:
	.set n, 0
	.rept 4
	.quad boot_pd + n + 7
	.set n, n + 0x1000
	.endr
	.fill 508, 8, 0
boot_pd:
	.set n, 0
	.rept 2048
	.if n == 0x400000 || n == 0x600000
	.quad n + 0x87
	.elseif n >= 0xfe000000
	.quad n + 0x9b			/* device registers: PCD, PWT */
	.else
	.quad n + 0x83
	.endif
	.set n, n + 0x200000
	.endr
#endif

	.text
#ifdef __x86_64__
	.code64
#endif

/* The stubs: 16 bytes each, so that the table of entries is arithmetic. */
	.align 16
	.globl trap_stubs
trap_stubs:
	.set v, 0
	.rept 256
	.align 16
	.if !(v == 8 || (v >= 10 && v <= 14) || v == 17 || v == 21 || v == 29 || v == 30)
	push $0
	.endif
	.byte 0x68			/* push imm32 */
	.long v
	jmp trap_common
	.set v, v + 1
	.endr
	.align 16

#ifdef __x86_64__
trap_common:
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call trap_c
	mov %rbx, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq

/* int guard_save(void **slot, fn, arg): call fn(arg) so it can be left */
	.globl guard_save
guard_save:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	pushf
	mov %rsp, (%rdi)
	mov %rdx, %rdi
	sub $8, %rsp
	cld
	call *%rsi
	add $8, %rsp
	xor %eax, %eax
	jmp 1f

/* void guard_leave(void *saved): make guard_save() return 1 */
	.globl guard_leave
guard_leave:
	mov %rdi, %rsp
	mov $1, %eax
1:	popf
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

/* void user_enter(struct user_entry *): to ring 3, comes back by a trap */
	.globl user_enter
user_enter:
	pushq $SEL_UDATA
	pushq 8(%rdi)
	pushf
	pushq $SEL_USER64
	pushq (%rdi)
	mov 24(%rdi), %rsi
	mov 16(%rdi), %rdi
	iretq
/*
 * void long_mode_reload(cr3, cr4): out of long mode and back in, because
 * CR4.LA57 cannot change inside. Below 4 GiB everything is one to one.
 */
	.globl long_mode_reload
long_mode_reload:
	push %rbx
	pushf
	cli
	pushq $SEL_CODE32
	pushq $1f
	lretq
	.code32
1:	movl $SEL_DATA, %eax
	movl %eax, %ss
	movl %eax, %ds
	movl %eax, %es
	movl %cr0, %ebx
	movl %ebx, %eax
	andl $0x7fffffff, %eax
	movl %eax, %cr0
	movl %esi, %cr4
	movl %edi, %cr3
	movl %ebx, %cr0
	ljmp $SEL_CODE64, $1f
	.code64
1:	popf
	pop %rbx
	ret
#else
trap_common:
	pusha
	push %ds
	push %es
	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	cld
	mov %esp, %ebx
	and $-16, %esp
	sub $12, %esp
	push %ebx
	call trap_c
	mov %ebx, %esp
	pop %es
	pop %ds
	popa
	add $8, %esp
	iret

	.globl guard_save
guard_save:
	mov 4(%esp), %eax
	mov 8(%esp), %ecx
	mov 12(%esp), %edx
	push %ebx
	push %ebp
	push %esi
	push %edi
	pushf
	mov %esp, (%eax)
	sub $8, %esp			/* the call below leaves it aligned */
	push %edx
	cld
	call *%ecx
	add $12, %esp
	xor %eax, %eax
	jmp 1f

	.globl guard_leave
guard_leave:
	mov 4(%esp), %esp
	mov $1, %eax
1:	popf
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	ret

	.globl user_enter
user_enter:
	mov 4(%esp), %ecx
	push $SEL_UDATA
	push 4(%ecx)
	pushf
	push $SEL_USER32
	push (%ecx)
	mov 12(%ecx), %edx		/* regparm(2): EAX, EDX */
	mov 8(%ecx), %eax
	mov $SEL_UDATA, %ecx
	mov %ecx, %ds
	mov %ecx, %es
	iret
#endif

	.section .note.GNU-stack, "", @progbits
