import { expect, test } from 'vitest';
import { dayIn, endOf, startOf } from './until.ts';

test('a day becomes its beginning and its end', () => {
	const begin = new Date(startOf('2026-11-30') ?? '');
	const end = new Date(endOf('2026-11-30') ?? '');
	expect([begin.getDate(), begin.getHours(), end.getDate(), end.getHours()]).toEqual([30, 0, 30, 23]);
});

test('no day, and what is none, is no time', () => {
	expect(endOf('')).toBeUndefined();
	expect(startOf('tomorrow')).toBeUndefined();
});

test('and back', () => {
	expect(dayIn(endOf('2026-02-03'))).toBe('2026-02-03');
	expect(dayIn(null)).toBe('');
	expect(dayIn('nonsense')).toBe('');
});
