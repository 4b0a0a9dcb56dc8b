import { describe, expect, it } from 'vitest';
import { drafted, faults, instant, local, newEvent, sketch, zones } from './event.ts';

const dance = { starts: '2026-07-11T19:00', ends: '', zone: 'Europe/Berlin', place: ' The barn ', url: '' };

describe('instant', () => {
	it.each([
		['2026-07-11T19:00', 'Europe/Berlin', '2026-07-11T17:00:00.000Z'],
		['2026-12-11T19:00', 'Europe/Berlin', '2026-12-11T18:00:00.000Z'],
		['2026-12-11T19:00', 'America/St_Johns', '2026-12-11T22:30:00.000Z'],
		['2026-01-01T03:00', 'Pacific/Kiritimati', '2025-12-31T13:00:00.000Z'],
		['2026-12-11T00:00', 'UTC', '2026-12-11T00:00:00.000Z'],
		// The hours around a change of the clock.
		['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
		['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
		['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
		['2026-03-08T03:00', 'America/New_York', '2026-03-08T07:00:00.000Z']
	])('%s in %s', (wall, zone, at) => {
		expect(instant(wall, zone)).toBe(at);
		expect(local(at, zone)).toBe(wall);
	});

	it('takes an hour that no clock shows for one near it', () => {
		expect(['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z']).toContain(
			instant('2026-03-29T02:30', 'Europe/Berlin')
		);
	});

	it('is none where nothing was written', () => {
		expect(instant('', 'UTC')).toBeUndefined();
		expect(instant('soon', 'UTC')).toBeUndefined();
		expect(local('soon', 'UTC')).toBe('');
	});
});

describe('faults', () => {
	it('finds none in what can be sent', () => {
		expect(faults(dance)).toEqual({});
		expect(faults({ ...dance, ends: '2026-07-11T22:00', url: ' https://example.org/ ' })).toEqual({});
	});

	it('finds what is wrong, field by field', () => {
		expect(faults(newEvent())).toEqual({ starts: 'starts.missing' });
		expect(faults({ ...dance, starts: '0026-07-11T19:00' })).toEqual({ starts: 'year' });
		expect(faults({ ...dance, ends: '2026-07-11T19:00', url: 'the barn' })).toEqual({
			ends: 'ends.early',
			url: 'url.bad'
		});
		expect(faults({ ...dance, ends: '20260-07-11T19:00' })).toEqual({ ends: 'year' });
	});
});

describe('a sketch', () => {
	it('is sent as it was written', () => {
		expect(drafted({ ...dance, ends: '2026-07-11T22:00' })).toEqual({
			starts_at: '2026-07-11T17:00:00.000Z',
			ends_at: '2026-07-11T20:00:00.000Z',
			zone: 'Europe/Berlin',
			place: 'The barn',
			url: ''
		});
	});

	it('of what is there is by the clock of its zone', () => {
		const event = { starts_at: '2026-07-11T17:00:00Z', ends_at: null, zone: 'Europe/Berlin', place: 'The barn' };
		expect(sketch(event)).toEqual({ ...dance, place: 'The barn' });
		expect(drafted(sketch(event))).toMatchObject({ starts_at: '2026-07-11T17:00:00.000Z' });
	});

	it('of an unknown zone is by the own clock, and the time stays', () => {
		const e = sketch({ starts_at: '2026-07-11T17:00:00Z', ends_at: null, zone: 'Far/Away' });
		expect(e.zone).not.toBe('Far/Away');
		expect(instant(e.starts, e.zone)).toBe('2026-07-11T17:00:00.000Z');
	});
});

it('offers each zone once', () => {
	const all = zones('Europe/Berlin');
	expect(all).toContain('UTC');
	expect(new Set(all).size).toBe(all.length);
});
