// What people say is wrong: a word to choose, and their own words.
export const grounds = ['spam', 'unkind', 'topic', 'law', 'other'] as const;
export type Ground = (typeof grounds)[number];

/** The most letters a reason may have, the chosen word and a colon included. */
export const longest = 1000;

/** The reason as whoever looks reads it; empty where nothing was said yet. */
export function complaint(word: string | undefined, text: string): string {
	const said = text.trim();
	if (!word) return said;
	return said ? `${word}: ${said}` : word;
}
