// Times as people say them: "3 hours ago", and after a month the date.
import { language } from '../i18n/index.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
const thisYear = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
const anyYear = new Intl.DateTimeFormat(language, {
	day: 'numeric',
	month: 'short',
	year: 'numeric'
});
const timeOfDay = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
const exact = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' });

export function ago(iso: string, now: Date = new Date()): string {
	const then = new Date(iso);
	const past = now.getTime() - then.getTime();
	if (Number.isNaN(past)) return '';
	// A clock that runs a little ahead elsewhere does not make the future.
	if (past < minute) return relative.format(0, 'second');
	if (past < hour) return relative.format(-Math.floor(past / minute), 'minute');
	if (past < day) return relative.format(-Math.floor(past / hour), 'hour');
	if (past < 30 * day) return relative.format(-Math.floor(past / day), 'day');
	return (then.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(then);
}

/** The day of a time: since when somebody is here, until when a ban holds. */
export function dayOf(iso: string, now: Date = new Date()): string {
	const then = new Date(iso);
	if (Number.isNaN(then.getTime())) return '';
	return (then.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(then);
}

/** The day of a time, and on the same day what the clock said. */
export function onDay(iso: string, now: Date = new Date()): string {
	const then = new Date(iso);
	return then.toDateString() === now.toDateString() ? timeOfDay.format(then) : dayOf(iso, now);
}

export function precisely(iso: string): string {
	const then = new Date(iso);
	return Number.isNaN(then.getTime()) ? '' : exact.format(then);
}

const coming = new Intl.RelativeTimeFormat(language, { numeric: 'always' });

/** How long it takes until then: "in 2 days". Nothing once it is past. */
export function ahead(iso: string, now: Date = new Date()): string {
	const left = new Date(iso).getTime() - now.getTime();
	if (!(left > 0)) return '';
	if (left < 90 * minute) return coming.format(Math.max(Math.round(left / minute), 1), 'minute');
	if (left < 2 * day) return coming.format(Math.round(left / hour), 'hour');
	return coming.format(Math.round(left / day), 'day');
}

/** The language of the app as the reader's region writes it: days before months, 24 hours. */
const locale = (): string =>
	globalThis.navigator?.languages?.find((tag) => tag.split('-')[0] === language) ?? language;

/** From when to when something happens, by the reader's clock and calendar. */
export function span(start: string, end?: string | null, timeZone?: string): string {
	const from = new Date(start);
	if (Number.isNaN(from.getTime())) return '';
	const format = new Intl.DateTimeFormat(locale(), {
		weekday: 'short',
		day: 'numeric',
		month: 'long',
		year: 'numeric',
		hour: 'numeric',
		minute: '2-digit',
		timeZoneName: 'short',
		timeZone
	});
	const to = new Date(end ?? '');
	return to.getTime() > from.getTime() ? format.formatRange(from, to) : format.format(from);
}

/** A length of time as films have it: "1:02:05". */
export function clock(seconds: number): string {
	const two = (n: number): string => String(n).padStart(2, '0');
	const minutes = Math.floor(seconds / 60);
	const rest = two(Math.floor(seconds % 60));
	return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}
