import { describe, expect, it } from 'vitest';
import { addressFor, wishWords } from './live.ts';

describe('where one connection listens for all tabs', () => {
	it('asks for what any of them has open, once', () => {
		const tabs = [
			wishWords({ threads: [7, 3], feeds: ['home'] }),
			wishWords({ feeds: ['home', 'c/garden@far.example'] }),
			wishWords({})
		];
		expect(addressFor(tabs, '')).toBe('/api/v1/stream?thread=3&thread=7&feed=c%2Fgarden%40far.example&feed=home');
		expect(addressFor(tabs.reverse(), '12')).toContain('&after=12');
		expect(addressFor([[]], '')).toBe('/api/v1/stream');
	});

	it('keeps to what the server takes', () => {
		const threads = Array.from({ length: 30 }, (_, i) => i + 100);
		const asked = new URL(addressFor([wishWords({ threads, feeds: ['all'] })], ''), 'http://x').searchParams;
		expect(asked.getAll('thread')).toHaveLength(20);
		expect(asked.getAll('feed')).toEqual(['all']);
	});
});
