// SPDX-License-Identifier: GPL-2.0
/*
 * dev/uart.c - 16550A at 0x3f8, IRQ 4: the guest's console
 *
 * A byte is sent the moment it is written, so the transmitter is always empty
 * when the guest looks. Output goes into a ring that keeps the last
 * console_size bytes; input waits in a queue until the receiver has room.
 * Modem status lines say that a terminal is connected and ready.
 *
 * Layer:    dev. Accesses come through dev/bus.c, readers from ctl.
 * Locks:    ->lock guards everything; never taken in interrupts. The timer
 *           that wakes readers takes no lock of ours.
 * Spec:     National Semiconductor PC16550D data sheet.
 */
#include <linux/circ_buf.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/minmax.h>
#include <linux/serial_reg.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "core/alloc.h"
#include "core/vm.h"
#include "dev/bus.h"
#include "dev/devices.h"
#include "dev/uart.h"
#include "irq/virq.h"

#define PORT 0x3f8
#define GSI 4
#define SOURCE 0
#define FIFO_SIZE 16
#define INPUT_SIZE 4096 /* a power of two */
#define WAKE_DELAY (5 * NSEC_PER_MSEC)

struct vam_uart {
	struct vam_vm *vm;
	struct vam_bus_region region;
	spinlock_t lock;

	u16 divisor;
	u8 ier;
	u8 fcr;
	u8 lcr;
	u8 mcr;
	u8 lsr;
	u8 msr;
	u8 scr;
	bool thr_pending; /* the transmitter became empty and nobody knows */
	bool line; /* what we last told the interrupt controllers */

	u8 fifo[FIFO_SIZE]; /* received; only [0] without FIFOs */
	unsigned int fifo_count;

	char input[INPUT_SIZE]; /* typed, not yet received */
	unsigned int input_head, input_tail;

	char *output;
	u64 end; /* bytes ever written; readers look without the lock */
	struct hrtimer wake; /* readers get a line, or what there is by then */
	unsigned long wake_armed; /* bit 0 */
};

static unsigned int fifo_size(const struct vam_uart *u)
{
	return u->fcr & UART_FCR_ENABLE_FIFO ? FIFO_SIZE : 1;
}

/* How many received bytes make an interrupt. */
static unsigned int trigger(const struct vam_uart *u)
{
	static const u8 level[] = { 1, 4, 8, 14 };

	return u->fcr & UART_FCR_ENABLE_FIFO ? level[u->fcr >> 6] : 1;
}

/* The reason of highest priority, as IIR shows it. */
static u8 reason(const struct vam_uart *u)
{
	if ((u->ier & UART_IER_RLSI) && (u->lsr & UART_LSR_BRK_ERROR_BITS))
		return UART_IIR_RLSI;
	if ((u->ier & UART_IER_RDI) && u->fifo_count) {
		/* Input comes in bursts: what is short of the trigger level
		 * has been here for four character times. */
		if (u->fifo_count < trigger(u))
			return UART_IIR_RX_TIMEOUT;
		return UART_IIR_RDI;
	}
	if ((u->ier & UART_IER_THRI) && u->thr_pending)
		return UART_IIR_THRI;
	if ((u->ier & UART_IER_MSI) && (u->msr & UART_MSR_ANY_DELTA))
		return UART_IIR_MSI;
	return UART_IIR_NO_INT;
}

static void update_line(struct vam_uart *u)
{
	bool line = reason(u) != UART_IIR_NO_INT;

	if (line == u->line)
		return;
	u->line = line;
	vam_irq_set_line(u->vm, GSI, SOURCE, line);
}

static void receive(struct vam_uart *u, u8 byte)
{
	if (u->fifo_count < fifo_size(u)) {
		u->fifo[u->fifo_count++] = byte;
	} else {
		u->lsr |= UART_LSR_OE;
		/* Without FIFOs the newer byte wins, with them it is lost. */
		if (!(u->fcr & UART_FCR_ENABLE_FIFO))
			u->fifo[0] = byte;
	}
	u->lsr |= UART_LSR_DR;
}

static void receive_input(struct vam_uart *u)
{
	if (u->mcr & UART_MCR_LOOP)
		return;
	while (u->input_tail != u->input_head && u->fifo_count < fifo_size(u)) {
		receive(u, u->input[u->input_tail & (INPUT_SIZE - 1)]);
		u->input_tail++;
	}
}

static enum hrtimer_restart wake_readers(struct hrtimer *timer)
{
	struct vam_uart *u = container_of(timer, struct vam_uart, wake);

	clear_bit(0, &u->wake_armed);
	wake_up(&u->vm->wait);
	return HRTIMER_NORESTART;
}

static void put_output(struct vam_uart *u, u8 byte)
{
	u->output[u->end & (u->vm->console_size - 1)] = byte;
	/* Release: a reader that sees the new end sees the byte. */
	smp_store_release(&u->end, u->end + 1);
	if (!wq_has_sleeper(&u->vm->wait))
		return;
	/* A whole line at once, so that a reader does not run per byte. */
	if (byte == '\n')
		wake_up(&u->vm->wait);
	else if (!test_and_set_bit(0, &u->wake_armed))
		hrtimer_start(&u->wake, WAKE_DELAY, HRTIMER_MODE_REL);
}

static void transmit(struct vam_uart *u, u8 byte)
{
	if (u->mcr & UART_MCR_LOOP)
		receive(u, byte);
	else
		put_output(u, byte);
	/* The controllers see the line fall and rise again. */
	u->thr_pending = false;
	update_line(u);
	u->thr_pending = true;
	update_line(u);
}

static u8 read_data(struct vam_uart *u)
{
	u8 byte = 0;

	if (u->fifo_count) {
		byte = u->fifo[0];
		u->fifo_count--;
		memmove(u->fifo, u->fifo + 1, u->fifo_count);
	} else if (!(u->fcr & UART_FCR_ENABLE_FIFO)) {
		byte = u->fifo[0]; /* a register: it keeps its value */
	}
	if (!u->fifo_count)
		u->lsr &= ~(UART_LSR_DR | UART_LSR_BI);
	receive_input(u);
	update_line(u);
	return byte;
}

static u8 read_iir(struct vam_uart *u)
{
	u8 value = reason(u);

	if (value == UART_IIR_THRI) {
		u->thr_pending = false;
		update_line(u);
	}
	if (u->fcr & UART_FCR_ENABLE_FIFO)
		value |= 0xc0;
	return value;
}

static u8 read_msr(struct vam_uart *u)
{
	u8 value = u->msr;

	if (u->mcr & UART_MCR_LOOP) {
		value = (u->mcr & (UART_MCR_OUT1 | UART_MCR_OUT2)) << 4;
		value |= u->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0;
		value |= u->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0;
	} else if (value & UART_MSR_ANY_DELTA) {
		u->msr &= ~UART_MSR_ANY_DELTA;
		update_line(u);
	}
	return value;
}

static u8 read_lsr(struct vam_uart *u)
{
	u8 value = u->lsr;

	if (value & (UART_LSR_BI | UART_LSR_OE)) {
		u->lsr &= ~(UART_LSR_BI | UART_LSR_OE);
		update_line(u);
	}
	return value;
}

static u64 read(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		u64 offset, unsigned int size)
{
	struct vam_uart *u = container_of(region, struct vam_uart, region);
	bool dlab;
	u8 value;

	spin_lock(&u->lock);
	dlab = u->lcr & UART_LCR_DLAB;
	switch (offset) {
	case UART_RX:
		value = dlab ? u->divisor : read_data(u);
		break;
	case UART_IER:
		value = dlab ? u->divisor >> 8 : u->ier;
		break;
	case UART_IIR:
		value = read_iir(u);
		break;
	case UART_LCR:
		value = u->lcr;
		break;
	case UART_MCR:
		value = u->mcr;
		break;
	case UART_LSR:
		value = read_lsr(u);
		break;
	case UART_MSR:
		value = read_msr(u);
		break;
	default:
		value = u->scr;
	}
	spin_unlock(&u->lock);
	return value;
}

static void write_ier(struct vam_uart *u, u8 value)
{
	u8 changed = (u->ier ^ value) & 0xf;

	u->ier = value & 0xf;
	/* Turning it on while the transmitter is empty is a reason by itself:
	 * drivers rely on it. */
	if (changed & UART_IER_THRI)
		u->thr_pending = value & UART_IER_THRI;
	if (changed)
		update_line(u);
}

static void write_fcr(struct vam_uart *u, u8 value)
{
	if ((value ^ u->fcr) & UART_FCR_ENABLE_FIFO)
		value |= UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT;
	if (value & UART_FCR_CLEAR_RCVR) {
		u->fifo_count = 0;
		u->lsr &= ~(UART_LSR_DR | UART_LSR_BI);
	}
	if (value & UART_FCR_CLEAR_XMIT)
		u->thr_pending = true;
	u->fcr = value & 0xc9;
	receive_input(u);
	update_line(u);
}

static int write(struct vam_bus_region *region, struct vam_vcpu *vcpu,
		 u64 offset, unsigned int size, u64 value)
{
	struct vam_uart *u = container_of(region, struct vam_uart, region);
	bool dlab;

	spin_lock(&u->lock);
	dlab = u->lcr & UART_LCR_DLAB;
	switch (offset) {
	case UART_TX:
		if (dlab)
			u->divisor = (u->divisor & 0xff00) | value;
		else
			transmit(u, value);
		break;
	case UART_IER:
		if (dlab)
			u->divisor = (u->divisor & 0x00ff) | value << 8;
		else
			write_ier(u, value);
		break;
	case UART_FCR:
		write_fcr(u, value);
		break;
	case UART_LCR:
		u->lcr = value;
		break;
	case UART_MCR:
		u->mcr = value & 0x1f;
		receive_input(u);
		update_line(u);
		break;
	case UART_SCR:
		u->scr = value;
		break;
	default:
		break; /* LSR and MSR are read-only */
	}
	spin_unlock(&u->lock);
	return 0;
}

static const struct vam_bus_ops ops = {
	.width = 1,
	.read = read,
	.write = write,
};

u64 vam_uart_console_end(struct vam_vm *vm)
{
	/* Pairs with the release in put_output(). */
	return smp_load_acquire(&vm->devices->uart->end);
}

size_t vam_uart_read_console(struct vam_vm *vm, u64 *pos, char *buf, size_t n,
			     u64 *lost)
{
	struct vam_uart *u = vm->devices->uart;
	u32 size = vm->console_size;
	size_t offset, first;
	u64 start;

	*lost = 0;
	spin_lock(&u->lock);
	start = min(*pos, u->end);
	if (u->end - start > size) {
		*lost = u->end - size - start;
		start = u->end - size;
	}
	n = min_t(u64, n, u->end - start);
	offset = start & (size - 1);
	first = min_t(size_t, n, size - offset);
	memcpy(buf, u->output + offset, first);
	memcpy(buf + first, u->output, n - first);
	spin_unlock(&u->lock);
	*pos = start + n;
	return n;
}

size_t vam_uart_write_console(struct vam_vm *vm, const char *buf, size_t n)
{
	struct vam_uart *u = vm->devices->uart;
	size_t i;

	spin_lock(&u->lock);
	n = min_t(size_t, n, INPUT_SIZE - (u->input_head - u->input_tail));
	for (i = 0; i < n; i++)
		u->input[u->input_head++ & (INPUT_SIZE - 1)] = buf[i];
	receive_input(u);
	update_line(u);
	spin_unlock(&u->lock);
	return n;
}

static int create(struct vam_vm *vm)
{
	struct vam_uart *u;
	int err = -ENOMEM;

	u = vam_zalloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->output = vam_zalloc_array(vm->console_size, 1);
	if (!u->output)
		goto err_free;
	u->vm = vm;
	spin_lock_init(&u->lock);
	hrtimer_init(&u->wake, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	u->wake.function = wake_readers;
	u->divisor = 12; /* 9600 baud */
	u->mcr = UART_MCR_OUT2;
	u->lsr = UART_LSR_THRE | UART_LSR_TEMT;
	u->msr = UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	u->region = (struct vam_bus_region){
		.name = "uart",
		.ops = &ops,
		.base = PORT,
		.length = 8,
	};
	err = vam_bus_add(vm, VAM_BUS_PORT, &u->region);
	if (err)
		goto err_free;
	vm->devices->uart = u;
	return 0;

err_free:
	kvfree(u->output);
	kfree(u);
	return err;
}

static void destroy(struct vam_vm *vm)
{
	struct vam_uart *u = vm->devices->uart;

	hrtimer_cancel(&u->wake);
	kvfree(u->output);
	kfree(u);
}

const struct vam_device vam_uart_device = {
	.name = "uart",
	.create = create,
	.destroy = destroy,
};
