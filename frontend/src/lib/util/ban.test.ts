import { expect, it } from 'vitest';
import { bannedUntil, forGood } from './ban.ts';

const now = new Date('2026-11-23T12:00:00Z');

it.each([
	[undefined, undefined],
	[null, undefined],
	[{}, undefined],
	[{ banned_until: null }, undefined],
	[{ banned_until: '2026-11-23T11:59:59Z' }, undefined],
	[{ banned_until: '2026-11-30T12:00:00Z' }, '2026-11-30T12:00:00Z'],
	[{ banned_until: '9999-12-31T00:00:00Z' }, '9999-12-31T00:00:00Z']
])('%o is banned until %s', (membership, until) => {
	expect(bannedUntil({ membership }, now)).toBe(until);
});

it('knows what has no end', () => {
	expect(forGood('9999-12-31T00:00:00Z')).toBe(true);
	expect(forGood('2027-01-01T00:00:00Z')).toBe(false);
});
