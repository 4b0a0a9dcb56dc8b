// What can be said of a poll without asking the server.
import type { Poll, PollOption } from '../api/types.ts';

/** What people here may make; the server has the last word. */
export const minOptions = 2;
export const maxOptions = 12;
export const maxOptionLength = 100;

/** How long a poll can run, in seconds: an hour to three months. */
export const times = [3600, 21_600, 86_400, 259_200, 604_800, 1_209_600, 2_592_000, 7_776_000] as const;
export const usualTime = 604_800;

/**
 * How much of a poll an option has, in percent: of the votes, or of the people
 * where they can choose several. The server's own pages count the same way.
 */
export function share(option: PollOption, poll: Poll): number {
	const whole = poll.multiple
		? poll.voters
		: (poll.options ?? []).reduce((sum, other) => sum + other.votes, 0);
	return whole > 0 ? Math.min(Math.floor((200 * option.votes + whole) / (2 * whole)), 100) : 0;
}

/** The poll as it will be when the reader's vote has arrived. */
export const withVote = (poll: Poll, chosen: readonly number[]): Poll => ({
	...poll,
	voted: true,
	can_vote: false,
	voters: poll.voters + 1,
	options: (poll.options ?? []).map((o) =>
		chosen.includes(o.id) ? { ...o, votes: o.votes + 1, mine: true } : o
	)
});

/** What is wrong with options that are being written, by their place. */
export type Fault = 'empty' | 'twice';

/**
 * Empty lines beyond the second option are left out rather than complained
 * about.
 */
export function faults(options: readonly string[]): Map<number, Fault> {
	const found = new Map<number, Fault>();
	const seen = new Set<string>();
	let missing = minOptions - tidy(options).length;
	options.forEach((option, i) => {
		const text = clean(option).toLowerCase();
		if (!text) {
			if (missing-- > 0) found.set(i, 'empty');
		} else if (seen.has(text)) found.set(i, 'twice');
		seen.add(text);
	});
	return found;
}

const clean = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** The options as they are sent. */
export const tidy = (options: readonly string[]): string[] => options.map(clean).filter((text) => text !== '');

/** The list with one element at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
	const rest = list.filter((_, i) => i !== from);
	return [...rest.slice(0, to), list[from] as T, ...rest.slice(to)];
}
