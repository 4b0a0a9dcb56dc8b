// What the reader may do that not everybody may, by the words that the API has
// for it: in a group, and for this server.
import type { Group, Me } from '../api/types.ts';

/** Whether the reader may do something in a group; any of several words. */
export const may = (group: Pick<Group, 'membership'>, ...words: string[]): boolean =>
	words.some((word) => group.membership?.may?.includes(word));

/** Whether the reader looks after a group in any way. */
export const keeps = (group: Pick<Group, 'membership'>): boolean => !!group.membership?.may?.length;

/** Whether somebody may do something for this server. */
export const mayHere = (me: Pick<Me, 'may'> | null | undefined, ...words: string[]): boolean =>
	words.some((word) => me?.may?.includes(word));
