import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { later } from './later.ts';
import { toasts } from './toasts.svelte.ts';

const texts = (): string[] => toasts.all.map((toast) => toast.text);

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.runAllTimers(); // every message goes by itself
	vi.useRealTimers();
});

describe('later', () => {
	it('says nothing of what is there at once', async () => {
		expect(await later(Promise.resolve('dialog'))).toBe('dialog');
		vi.advanceTimersByTime(1000);
		expect(texts()).toEqual([]);
	});

	it('says that something is coming for as long as it takes', async () => {
		let arrive: (it: string) => void = () => {};
		const coming = later(new Promise<string>((resolve) => (arrive = resolve)));
		vi.advanceTimersByTime(400);
		expect(texts()).toEqual(['Loading…']);
		arrive('dialog');
		expect(await coming).toBe('dialog');
		expect(texts()).toEqual([]);
	});

	it('says that it cannot come, and lets one try again', async () => {
		const giveUp = vi.fn();
		void later(Promise.reject(new TypeError('Failed to fetch')), giveUp);
		await vi.waitFor(() => expect(giveUp).toHaveBeenCalledOnce());
		expect(texts()).toEqual([expect.stringContaining('cannot be reached')]);
	});
});
