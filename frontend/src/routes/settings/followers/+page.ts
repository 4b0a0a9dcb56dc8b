import { followers, followRequests } from '#lib/api/profile.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const [asking, list] = await orError(Promise.all([followRequests({}), followers({ cursor: cursorOf(url) })]), url);
	return { asking: asking.items, list };
};
