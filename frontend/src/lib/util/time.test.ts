import { expect, it } from 'vitest';
import { ago, precisely } from './time.ts';

const now = new Date('2026-11-23T12:00:00Z');

it.each([
	['2026-11-23T11:59:45Z', 'now'],
	['2026-11-23T12:00:30Z', 'now'],
	['2026-11-23T11:59:00Z', '1 minute ago'],
	['2026-11-23T11:01:00Z', '59 minutes ago'],
	['2026-11-23T11:00:00Z', '1 hour ago'],
	['2026-11-22T12:30:00Z', '23 hours ago'],
	['2026-11-22T11:00:00Z', 'yesterday'],
	['2026-11-13T11:00:00Z', '10 days ago'],
	['2026-06-01T12:00:00Z', 'Jun 1'],
	['2024-06-01T12:00:00Z', 'Jun 1, 2024'],
	['not a time', '']
])('%s is %s', (iso, text) => {
	expect(ago(iso, now)).toBe(text);
});

it('precisely says nothing about what is no time', () => {
	expect(precisely('x')).toBe('');
	expect(precisely('2026-06-01T12:00:00Z')).toContain('2026');
});
