import { consents, insights, views } from '#lib/api/keeping.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const [agreed, known, seen] = await orError(Promise.all([consents(), insights(), views({ cursor: cursorOf(url) })]), url);
	return { agreed: agreed.items, known, seen };
};
