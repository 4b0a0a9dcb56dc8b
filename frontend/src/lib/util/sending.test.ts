import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem.ts';
import { Sending, tried } from './sending.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const taken = new Problem('conflict', 'This name is taken.', 409, { name: 'is taken' });

describe('Sending', () => {
	it('is busy while it works', async () => {
		const sending = new Sending();
		let finish: () => void = () => {};
		const run = sending.run(() => new Promise<void>((resolve) => (finish = resolve)));
		expect(sending.busy).toBe(true);
		finish();
		expect(await run).toBe(true);
		expect(sending.busy).toBe(false);
	});

	it('does one thing at a time', async () => {
		const sending = new Sending();
		const second = vi.fn(async () => {});
		const first = sending.run(() => new Promise((resolve) => setTimeout(resolve)));
		expect(await sending.run(second)).toBe(false);
		expect(second).not.toHaveBeenCalled();
		expect(await first).toBe(true);
		expect(await sending.run(second)).toBe(true);
	});

	it('keeps what went wrong until it is tried again', async () => {
		const sending = new Sending();
		expect(await sending.run(() => Promise.reject(taken))).toBe(false);
		expect(sending.problem?.fields.name).toBe('is taken');
		expect(sending.trouble).toBe('This name is taken.');
		expect(sending.busy).toBe(false);
		expect(await sending.run(async () => {})).toBe(true);
		expect(sending.problem).toBeUndefined();
		expect(sending.trouble).toBe('');
	});

	it('makes a problem of a mistake of ours, thrown before there is a promise', async () => {
		const sending = new Sending();
		await sending.run(() => {
			throw new TypeError('x is undefined');
		});
		expect(sending.problem).toMatchObject({ code: 'internal' });
	});
});

describe('tried', () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.runAllTimers();
		vi.useRealTimers();
	});

	it('says what went wrong, and only that', async () => {
		expect(await tried(async () => {})).toBe(true);
		expect(toasts.all).toEqual([]);
		expect(await tried(() => Promise.reject(taken))).toBe(false);
		expect(toasts.all.map((toast) => toast.text)).toEqual(['This name is taken.']);
	});
});
