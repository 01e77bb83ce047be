/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dev/uart.h - the VM's console, as seen from outside the guest
 *
 * Layer:    dev. Called from ctl.
 */
#ifndef VAM_DEV_UART_H
#define VAM_DEV_UART_H

#include <linux/types.h>

struct vam_vm;

/**
 * vam_uart_console_end() - how many bytes has the guest written so far?
 * @vm: the VM
 *
 * Context: any.
 */
u64 vam_uart_console_end(struct vam_vm *vm);

/**
 * vam_uart_read_console() - copy out what the guest wrote
 * @vm: the VM
 * @pos: position in the stream of all bytes ever written, at most its end;
 *       moved behind what was copied
 * @buf: where to
 * @n: room there
 * @lost: out: bytes behind @pos that are not kept any more; they were skipped
 *
 * Context: process. Any number of readers. vm->wait is woken when there is
 * more. Return: how many bytes were copied.
 */
size_t vam_uart_read_console(struct vam_vm *vm, u64 *pos, char *buf, size_t n,
			     u64 *lost);

/**
 * vam_uart_write_console() - type to the guest
 * @vm: the VM
 * @buf: bytes
 * @n: how many
 *
 * Context: process. Return: how many the input queue took.
 */
size_t vam_uart_write_console(struct vam_vm *vm, const char *buf, size_t n);

#endif /* VAM_DEV_UART_H */
