// SPDX-License-Identifier: GPL-2.0
/*
 * report.c - text to the serial port, and the end of the run
 *
 * Lines are collected in memory and written in bursts of 16 bytes, the size
 * of the 16550's FIFO: every port access of a virtual machine is an exit.
 * CPUs share the buffer under a lock.
 */
#include <stdarg.h>

#include "guest.h"
#include "lib.h"

#define COM 0x3f8
#define DEBUG_EXIT 0xf4

static struct spinlock report_lock;
static char line[256];
static u32 used;
static bool failed;

void report_init(void)
{
	outb(COM + 1, 0); /* no interrupts */
	outb(COM + 3, 0x80);
	outb(COM + 0, 1); /* 115200 baud */
	outb(COM + 1, 0);
	outb(COM + 3, 3); /* 8n1 */
	outb(COM + 2, 7); /* FIFOs on and empty */
	outb(COM + 4, 3); /* DTR, RTS */
}

static void line_out(void)
{
	u32 i;

	for (i = 0; i < used; i++) {
		if (i % 16 == 0)
			while (!(inb(COM + 5) & 0x20))
				cpu_relax();
		outb(COM, line[i]);
	}
	used = 0;
}

static void put(char c)
{
	line[used++] = c;
	if (c == '\n' || used == sizeof(line))
		line_out();
}

static void put_padded(const char *s, int len, int width, bool left, char pad)
{
	int i;

	for (i = len; !left && i < width; i++)
		put(pad);
	for (i = 0; i < len; i++)
		put(s[i]);
	for (i = len; left && i < width; i++)
		put(' ');
}

static int number(char *end, u64 v, u32 base)
{
	int n = 0;

	do {
		/* 64 by 32 bits by hand: there is no libgcc here */
		u64 q = 0;
		u32 r = 0;
		int i;

		if (!(v >> 32)) {
			q = (u32)v / base;
			r = (u32)v % base;
		} else {
			for (i = 63; i >= 0; i--) {
				r = r << 1 | (v >> i & 1);
				if (r >= base) {
					r -= base;
					q |= 1ull << i;
				}
			}
		}
		*--end = "0123456789abcdef"[r];
		v = q;
		n++;
	} while (v);
	return n;
}

static void print(const char *fmt, va_list ap)
{
	char digits[24];

	for (; *fmt; fmt++) {
		bool left = false;
		char pad = ' ', *end = digits + sizeof(digits);
		int width = 0, longs = 0, n;
		const char *s;
		u64 v;

		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		for (fmt++; *fmt == '-' || *fmt == '0'; fmt++) {
			left |= *fmt == '-';
			if (*fmt == '0')
				pad = '0';
		}
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			longs++;
		switch (*fmt) {
		case 's':
			s = va_arg(ap, const char *);
			put_padded(s, strlen(s), width, left, ' ');
			continue;
		case 'c':
			put(va_arg(ap, int));
			continue;
		case '%':
			put('%');
			continue;
		case 'd':
			if (longs == 2)
				v = va_arg(ap, s64);
			else if (longs)
				v = (s64)va_arg(ap, long);
			else
				v = (s64)va_arg(ap, int);
			n = number(end, (s64)v < 0 ? -v : v, 10);
			if ((s64)v < 0)
				end[-++n] = '-';
			break;
		case 'p':
			longs = 1;
			/* fall through */
		default:
			if (longs == 2)
				v = va_arg(ap, u64);
			else if (longs)
				v = va_arg(ap, ulong);
			else
				v = va_arg(ap, u32);
			n = number(end, v, *fmt == 'u' ? 10 : 16);
		}
		put_padded(end - n, n, width, left, pad);
	}
}

void printf(const char *fmt, ...)
{
	va_list ap;

	spin_lock(&report_lock);
	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
	spin_unlock(&report_lock);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	spin_lock(&report_lock);
	failed = true;
	put('F'), put('A'), put('I'), put('L'), put(':'), put(' ');
	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
	if (used)
		put('\n');
	spin_unlock(&report_lock);
}

void serial_flush(void)
{
	line_out();
	while (!(inb(COM + 5) & 0x40))
		cpu_relax();
}

void exit(int value)
{
	/* Another CPU may have stopped with the lock held. */
	report_lock.held = 0;
	if (failed && !value)
		value = 1;
	printf(value ? "failed\n" : "done\n");
	serial_flush();
	for (;;) {
		outl(DEBUG_EXIT, value);
		cli();
		hlt();
	}
}

void skip(const char *what)
{
	printf("skip: no %s\n", what);
	exit(0);
}
