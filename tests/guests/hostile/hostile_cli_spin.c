// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_cli_spin.c - interrupts off, and round in circles
 *
 * The host must be able to preempt, count and kill it all the same.
 * Expected: runs into its time-out.
 */
#include "guest.h"

int main(void)
{
	printf("spinning\n");
	serial_flush();
	cli();
	for (;;)
		asm volatile("1: jmp 1b");
}
