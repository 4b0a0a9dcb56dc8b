import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orError, postSorts, views } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	const view = oneOf(url.searchParams.get('view'), views, me ? 'home' : 'all');
	const sort = oneOf(url.searchParams.get('sort'), postSorts, 'hot');
	const list = await orError(api.feed({ view, sort, cursor: cursorOf(url) }), url);
	return { view, sort, list };
};
