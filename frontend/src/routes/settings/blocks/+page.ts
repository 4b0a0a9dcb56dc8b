import { blocks, mutes, type Block } from '#lib/api/keeping.ts';
import type { Page } from '#lib/api/types.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

const kinds = { people: 'person', groups: 'group', servers: 'server', words: 'words' } as const;
export type Kind = keyof typeof kinds;

export const load: PageLoad = async ({ url }) => {
	const asked = url.searchParams.get('kind') ?? '';
	const tab: Kind = Object.hasOwn(kinds, asked) ? (asked as Kind) : 'people';
	const kind = kinds[tab];
	// Of each there is a list of its own; what is blocked stands first. Words
	// are only ever muted.
	const after = url.searchParams.get('list') === 'mutes' ? cursorOf(url) : undefined;
	const of = after ? undefined : cursorOf(url);
	const [blocked, muted] = await orError(
		Promise.all([
			tab === 'words' || after ? Promise.resolve<Page<Block>>({ items: [] }) : blocks({ kind, cursor: of, limit: 100 }),
			mutes({ kind, cursor: after, limit: 100 })
		]),
		url
	);
	return { tab, blocked, muted };
};
