// What two people wrote to each other, newest first, as the server lists it.
import type { Letter } from '../api/types.ts';

/** Both lists as one: each message once, as it is known last. */
export function merged(before: readonly Letter[], after: readonly Letter[]): Letter[] {
	const known = new Map(before.map((letter) => [letter.id, letter]));
	for (const letter of after) known.set(letter.id, letter);
	return [...known.values()].sort((a, b) => b.id - a.id);
}
