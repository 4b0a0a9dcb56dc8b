// Between the times that people write and those that are sent.
import type { PostEvent } from '../api/types.ts';
import type { EventSketch } from './drafts.ts';

/** What the server takes, which has the last word. */
export const maxPlace = 300;
const years = [1970, 2200] as const;

/** The reader's own time zone. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** All time zones that the browser knows, and `chosen`, which it may not. */
export function zones(chosen: string): string[] {
	const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
	return [...new Set([...known, 'UTC', ownZone(), ...(chosen ? [chosen] : [])])].sort();
}

export const newEvent = (): EventSketch => ({ starts: '', ends: '', zone: ownZone(), place: '', url: '' });

/** An event as it is edited: by the clock of its zone. */
export function sketch(event: PostEvent): EventSketch {
	const zone = event.zone && offset(0, event.zone) !== undefined ? event.zone : ownZone();
	return {
		starts: local(event.starts_at, zone),
		ends: event.ends_at ? local(event.ends_at, zone) : '',
		zone,
		place: event.place ?? '',
		url: event.url ?? ''
	};
}

/** The event as it is sent, once nothing is wrong with it. */
export const drafted = (e: EventSketch) => ({
	starts_at: instant(e.starts, e.zone),
	...(e.ends ? { ends_at: instant(e.ends, e.zone) } : {}),
	zone: e.zone,
	place: e.place.trim(),
	url: e.url.trim()
});

/** What is wrong with an event that is being written, by its fields. */
export interface EventFaults {
	starts?: 'starts.missing' | 'year';
	ends?: 'ends.early' | 'year';
	url?: 'url.bad';
}

export function faults(e: EventSketch): EventFaults {
	const found: EventFaults = {};
	if (instant(e.starts, e.zone) === undefined) found.starts = 'starts.missing';
	else if (!likely(e.starts)) found.starts = 'year';
	if (e.ends) {
		if (!likely(e.ends)) found.ends = 'year';
		else if ((instant(e.ends, e.zone) ?? '') <= (instant(e.starts, e.zone) ?? '')) found.ends = 'ends.early';
	}
	if (e.url.trim() && !/^https?:\/\/\S+$/.test(e.url.trim())) found.url = 'url.bad';
	return found;
}

const likely = (wall: string): boolean => {
	const year = Number(wall.split('-')[0]);
	return year >= years[0] && year <= years[1];
};

/** How far the clock of a zone is ahead of UTC at a time, in milliseconds. */
function offset(at: number, zone: string): number | undefined {
	try {
		const format = new Intl.DateTimeFormat('en-US', {
			timeZone: zone,
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric'
		});
		const parts = Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]));
		const wall = Date.UTC(
			parts.year ?? 0,
			(parts.month ?? 1) - 1,
			parts.day,
			parts.hour,
			parts.minute,
			parts.second
		);
		return wall - Math.floor(at / 1000) * 1000;
	} catch {
		return undefined; // a zone that this browser does not know
	}
}

/**
 * When a clock in a zone shows what an input for date and time says. The hour
 * that a clock leaves out in spring is the one after.
 */
export function instant(wall: string, zone: string): string | undefined {
	const shown = Date.parse(`${wall}Z`);
	if (!wall || Number.isNaN(shown)) return undefined;
	const near = shown - (offset(shown, zone) ?? 0);
	return new Date(shown - (offset(near, zone) ?? 0)).toISOString();
}

/** What such an input says when a clock in a zone shows a time. */
export function local(iso: string, zone: string): string {
	const at = new Date(iso).getTime();
	return Number.isNaN(at) ? '' : new Date(at + (offset(at, zone) ?? 0)).toISOString().slice(0, 16);
}
