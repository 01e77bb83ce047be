// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_svm_insns.c - a guest that tries to be a hypervisor
 *
 * VMRUN, VMLOAD, VMSAVE, STGI, CLGI, SKINIT, INVLPGA and VT-x instructions,
 * with EFER.SVME refused or taken, on control blocks in RAM, in a hole, in
 * device registers and outside memory, from rings 0 and 3.
 * Expected: exits; none of them may do anything but fault.
 */
#include "catch.h"

#define MSR_VM_HSAVE_PA 0xc0010117

static void tries(void)
{
	static const u64 where[] = { 0x2000000,	 0x2000800, 0xfd000000,
				     0xfee00000, 0x4000000, 0x7fffffffff000,
				     ~0ull,	 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		asm volatile(CATCH("vmload") : : "a"(where[i]) : "memory");
		asm volatile(CATCH("vmsave") : : "a"(where[i]) : "memory");
		asm volatile(CATCH("vmrun") : : "a"(where[i]) : "memory");
		asm volatile(CATCH("invlpga")
			     :
			     : "a"(where[i]), "c"(0)
			     : "memory");
		asm volatile(CATCH("invlpga")
			     :
			     : "a"(where[i]), "c"(1)
			     : "memory");
		asm volatile(CATCH("skinit") : : "a"(where[i]) : "memory");
		asm volatile(CATCH("stgi") : : : "memory");
		asm volatile(CATCH("clgi; stgi") : : : "memory");
		/* VMXON, VMPTRLD, VMREAD, INVEPT */
		asm volatile(CATCH("vmxon (%0)")
			     :
			     : "r"(0x2000000ul)
			     : "memory");
		asm volatile(CATCH("vmptrld (%0)")
			     :
			     : "r"(0x2000000ul)
			     : "memory");
		asm volatile(CATCH("vmread %%rax, %%rbx")
			     :
			     :
			     : "rax", "rbx", "memory");
		asm volatile(CATCH(".byte 0x66, 0x0f, 0x38, 0x80, 0x00")
			     :
			     : "a"(0x2000000ul)
			     : "memory");
		asm volatile(CATCH("vmlaunch") : : : "memory");
	}
}

static void skip3(struct regs *regs)
{
	regs->ip += 3;
}

static __user_text ulong user_tries(ulong arg)
{
	asm volatile("vmload; vmsave; vmrun; stgi; clgi; invlpga; vmmcall"
		     :
		     : "a"(arg)
		     : "rcx", "memory");
	return 0;
}

int main(void)
{
	struct fault f;

	catch_all();
	printf("without svme\n");
	tries();
	wrmsr_faults(&f, MSR_EFER, rdmsr(MSR_EFER) | BIT(12));
	if (rdmsr(MSR_EFER) & BIT(12)) {
		/* the bare machine is a hypervisor's: nothing to prove there */
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~BIT(12));
		printf("svme can be set\n");
	} else {
		wrmsr_faults(&f, MSR_VM_HSAVE_PA, 0x2000000);
		tries();
	}
	trap_handlers[UD_VECTOR] = skip3;
	trap_handlers[GP_VECTOR] = skip3;
	user_call(&f, user_tries, 0x2000000);
	printf("alive\n");
	return 0;
}
