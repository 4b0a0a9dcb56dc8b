// Days as people choose them in a form, and times as the server keeps them.

/** The end of a chosen day, by the reader's clock; nothing for none. */
export const endOf = (day: string): string | undefined => at(day, 'T23:59:59');

/** Its beginning. */
export const startOf = (day: string): string | undefined => at(day, 'T00:00:00');

function at(day: string, time: string): string | undefined {
	const then = new Date(day + time);
	return day && !Number.isNaN(then.getTime()) ? then.toISOString() : undefined;
}

/** The day of a time as a form wants it: 2026-11-30. */
export function dayIn(iso: string | null | undefined): string {
	const then = new Date(iso ?? '');
	if (!iso || Number.isNaN(then.getTime())) return '';
	const two = (n: number): string => String(n).padStart(2, '0');
	return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
}
