import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orError, postSorts } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const sort = oneOf(url.searchParams.get('sort'), postSorts, 'hot');
	const [feed, list] = await orError(
		Promise.all([
			api.groupFeed(params.feed),
			api.groupFeedPosts(params.feed, { sort, cursor: cursorOf(url) })
		]),
		url
	);
	return { sort, feed, list };
};
