// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_idt_gone.c - the interrupt table moves to ever worse places
 *
 * With a periodic interrupt running: a device's registers, a hole, an address
 * that is not mapped, a page of ones, the page tables, the stack itself.
 * Each place is tried by another CPU start, so the first death ends the run.
 * Expected: the machine dies with a sentence (triple fault).
 */
#include "guest.h"

int main(void)
{
	static const u64 places[] = { 0xfee00000,   0xfec00000,	    0xfd000000,
				      0x8000000000, 0x800000000000, 0 };
	struct desc_ptr idt = { 0xfff, 0 };
	u32 n = cmdline_u64("place", 0);

	lapic_enable();
	lapic_write(0x3e0, 0xb);
	lapic_write(0x320, 0x20090);
	lapic_write(0x380, 10000);
	idt.base = n < ARRAY_SIZE(places) ? places[n] : read_cr3();
	printf("interrupt table at place %u\n", n);
	serial_flush();
	asm volatile("lidt %0; sti" : : "m"(idt));
	for (;;)
		asm volatile("hlt; int $0x33");
}
