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

export function precisely(iso: string): string {
	const then = new Date(iso);
	return Number.isNaN(then.getTime()) ? '' : exact.format(then);
}
