import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orderOf, orError, views } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	const view = oneOf(url.searchParams.get('view'), views, me ? 'home' : 'all');
	const list = await orError(api.feed({ view, ...orderOf(url), cursor: cursorOf(url) }), url);
	return { view, list };
};
