import * as api from '#lib/api/calls.ts';
import { cursorOf, orderOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const [feed, list] = await orError(
		Promise.all([
			api.groupFeed(params.feed),
			api.groupFeedPosts(params.feed, { ...orderOf(url), cursor: cursorOf(url) })
		]),
		url
	);
	return { feed, list };
};
