// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_hlt_if0.c - halts with interrupts off, for ever
 *
 * Expected: runs into its time-out.
 */
#include "guest.h"

int main(void)
{
	printf("halting\n");
	serial_flush();
	cli();
	for (;;)
		hlt();
}
