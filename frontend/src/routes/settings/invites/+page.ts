import { groups } from '#lib/api/calls.ts';
import { joins, myInvites } from '#lib/api/joining.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const [mine, settled, joined] = await Promise.all([
		orError(myInvites({ cursor: cursorOf(url) }), url),
		orError(joins(), url),
		orError(groups({ joined: true, local: true, limit: 100 }), url)
	]);
	return { mine, joins: settled, groups: joined.items.filter((g) => !g.host) };
};
