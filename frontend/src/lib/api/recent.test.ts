import { describe, expect, it } from 'vitest';
import { Recent } from './recent.ts';

describe('Recent', () => {
	it('answers only while going through the history, and as often as asked', async () => {
		const recent = new Recent(2);
		recent.keep('/a?x=1&y=2', Response.json(1));
		expect(recent.take('/a?y=2&x=1')).toBeUndefined();
		recent.travelling = true;
		expect(await recent.take('/a?y=2&x=1')?.json()).toBe(1);
		expect(await recent.take('/a?y=2&x=1')?.json()).toBe(1);
	});

	it('keeps the newest and drops the oldest', () => {
		const recent = new Recent(2);
		recent.travelling = true;
		for (const name of ['/a', '/b', '/a', '/c']) recent.keep(name, Response.json(name));
		expect(recent.take('/b')).toBeUndefined();
		expect(recent.take('/a')).toBeDefined();
		expect(recent.take('/c')).toBeDefined();
	});

	it('knows nothing after a change', () => {
		const recent = new Recent(2);
		recent.travelling = true;
		recent.keep('/a', Response.json(1));
		recent.clear();
		expect(recent.take('/a')).toBeUndefined();
	});
});
