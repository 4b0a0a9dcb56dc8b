import { expect, it } from 'vitest';
import { ago, ahead, clock, dayOf, precisely, span } from './time.ts';

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

it.each([
	['2026-12-01T12:00:00Z', 'Dec 1'],
	['2027-01-01T12:00:00Z', 'Jan 1, 2027'],
	['not a time', '']
])('the day of %s is %s', (iso, text) => {
	expect(dayOf(iso, now)).toBe(text);
});

it('precisely says nothing about what is no time', () => {
	expect(precisely('x')).toBe('');
	expect(precisely('2026-06-01T12:00:00Z')).toContain('2026');
});

it.each([
	['2026-11-23T12:00:20Z', 'in 1 minute'],
	['2026-11-23T12:59:40Z', 'in 60 minutes'],
	['2026-11-23T14:10:00Z', 'in 2 hours'],
	['2026-11-25T11:00:00Z', 'in 47 hours'],
	// A week that began a moment ago is still a week.
	['2026-11-30T11:59:50Z', 'in 7 days'],
	['2026-11-23T12:00:00Z', ''],
	['2026-11-01T12:00:00Z', ''],
	['not a time', '']
])('until %s it takes: %s', (iso, text) => {
	expect(ahead(iso, now)).toBe(text);
});

it('says when something happens by the clock of the reader', () => {
	const there = span('2026-11-28T18:00:00Z', '2026-11-28T20:30:00Z', 'Asia/Kolkata');
	expect(there).toMatch(/28/);
	expect(there).toMatch(/11:30/);
	expect(there).toMatch(/29/); // it ends after midnight there
	expect(there).toMatch(/2:00/);
	const here = span('2026-11-28T18:00:00Z', null, 'UTC');
	expect(here).toMatch(/November/);
	expect(here).toMatch(/6:00|18:00/);
	expect(span('2026-11-28T18:00:00Z', '2026-11-01T00:00:00Z', 'UTC')).toBe(here);
	expect(span('never')).toBe('');
});

it.each([
	[0, '0:00'],
	[65, '1:05'],
	[3599, '59:59'],
	[3725, '1:02:05'],
	[36_000, '10:00:00']
])('a film of %i seconds is %s long', (seconds, text) => {
	expect(clock(seconds)).toBe(text);
});
