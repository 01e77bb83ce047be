// SPDX-License-Identifier: GPL-2.0
/*
 * irq_shadow.c - how far the interrupt shadow of STI reaches
 *
 * With an interrupt pending, the instruction at which it is taken tells how
 * far the shadow reaches. In the shadow stand, in turn, instructions that do
 * and instructions that do not leave a virtual machine.
 *
 * Not here: sequences of STI and MOV SS, where the manuals leave it open.
 * Spec:     SDM vol. 3 ch. 6.8.3; APM vol. 2 ch. 15.21.5.
 */
#include "guest.h"

#define VECTOR 0x90

static volatile u32 hits;
static ulong hit_ip;

static void irq(struct regs *regs)
{
	hits++;
	hit_ip = regs->ip;
	regs->flags &= ~EFLAGS_IF;
	lapic_eoi();
}

/* Where, after the label, did the pending interrupt come? */
#define SHADOW(name, insns)                                                 \
	do {                                                                \
		extern char shadow_##name[];                                \
		hits = 0;                                                   \
		ipi_send(0, VECTOR);                                        \
		asm volatile(".globl shadow_" #name "\n"                    \
			     "shadow_" #name ": " insns "\n\t"              \
			     "nop; nop; nop; nop; cli\n\t"                  \
			     :                                              \
			     :                                              \
			     : "rax", "rbx", "rcx", "rdx", "memory", "cc"); \
		printf(#name ": %u at +%lx\n", hits,                        \
		       hits ? hit_ip - (ulong)shadow_##name : 0);           \
		asm volatile("sti; nop; nop; cli" : : : "memory");          \
	} while (0)

int main(void)
{
	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	trap_handlers[VECTOR] = irq;
	cli();

	SHADOW(none, "nop");
	SHADOW(sti_nop, "sti; nop");
	SHADOW(sti_cli, "sti; cli");
	SHADOW(sti_cpuid, "xor %%eax, %%eax; sti; cpuid");
	SHADOW(sti_out, "sti; out %%al, $0x80");
	SHADOW(sti_in, "sti; in $0x80, %%al");
	SHADOW(sti_rdmsr, "mov $0xc0000080, %%ecx; sti; rdmsr");
	SHADOW(sti_cr3, "mov %%cr3, %%rax; sti; mov %%rax, %%cr3");
	SHADOW(sti_cr0, "mov %%cr0, %%rax; sti; mov %%rax, %%cr0");
	SHADOW(sti_lapic, "sti; mov 0xfee00030, %%eax");
	SHADOW(sti_lapic_write,
	       "mov 0xfee00080, %%eax; sti; mov %%eax, 0xfee00080");
	SHADOW(sti_invlpg, "sti; invlpg 0x200000");
	SHADOW(sti_wbinvd, "sti; wbinvd");
	SHADOW(sti_fresh_page,
	       "mov %%cr3, %%rax; mov %%rax, %%cr3; sti; mov 0x2fff000, %%eax");
	SHADOW(sti_sti, "sti; sti; nop");
	SHADOW(popf, "pushf; orl $0x200, (%%rsp); popf; nop");
	SHADOW(popf_cli, "pushf; orl $0x200, (%%rsp); popf; cli");
	SHADOW(sti_hlt, "sti; hlt");
	SHADOW(sti_ret, "push $1f; sti; ret; nop; 1: nop");
	SHADOW(sti_int3, "sti; jmp 1f; nop; 1: nop");
	return 0;
}
