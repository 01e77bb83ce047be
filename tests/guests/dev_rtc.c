// SPDX-License-Identifier: GPL-2.0
/*
 * dev_rtc.c - the MC146818 clock and its CMOS memory
 *
 * Time itself is never printed: only that every field is in range in BCD, that
 * seconds move on, and that index and data ports behave.
 *
 * Spec: Motorola MC146818 data sheet.
 */
#include "guest.h"

static u8 get(u8 reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static void set(u8 reg, u8 v)
{
	outb(0x70, reg);
	outb(0x71, v);
}

static bool wait_uip(u32 level)
{
	u32 i;

	for (i = 0; i < 3000000; i++)
		if (get(10) >> 7 == level)
			return true;
	return false;
}

static u32 bcd(u8 v)
{
	if ((v & 0xf) > 9 || v >> 4 > 9)
		return 999;
	return (v >> 4) * 10 + (v & 0xf);
}

static void in_range(const char *name, u32 v, u32 low, u32 high)
{
	printf("%s in range: %u\n", name, v >= low && v <= high);
}

int main(void)
{
	u8 first, b = get(11);
	u32 i;

	printf("b: 24 hours %u, bcd %u, set %u\n", b >> 1 & 1, !(b >> 2 & 1),
	       b >> 7);
	printf("a: 32 kHz %u\n", (get(10) >> 4 & 7) == 2);
	printf("d: valid %u\n", get(13) >> 7);
	wait_uip(0);
	in_range("second", bcd(get(0)), 0, 59);
	in_range("minute", bcd(get(2)), 0, 59);
	in_range("hour", bcd(get(4)), 0, 23);
	in_range("week day", bcd(get(6)), 1, 7);
	in_range("day", bcd(get(7)), 1, 31);
	in_range("month", bcd(get(8)), 1, 12);
	in_range("year", bcd(get(9)), 0, 99);
	in_range("century", bcd(get(0x32)), 19, 21);

	first = get(0);
	for (i = 0; i < 2000 && get(0) == first; i++)
		delay_us(1000);
	printf("seconds move: %u\n", get(0) != first);

	/* CMOS memory keeps what is written, with NMI mask bit or without. */
	for (i = 0x50; i < 0x54; i++)
		set(i, i * 5);
	for (i = 0x50; i < 0x54; i++)
		printf("cmos %x: %x %x\n", i, get(i), get(i | 0x80));
	printf("index port reads %x\n", inb(0x70));
	get(12);
	printf("c after reading: %x\n", get(12) & 0x70);
	return 0;
}
