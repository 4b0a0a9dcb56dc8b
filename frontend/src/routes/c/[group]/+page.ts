import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orError, postSorts } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const sort = oneOf(url.searchParams.get('sort'), postSorts, 'hot');
	const [group, list] = await orError(
		Promise.all([
			api.group(params.group),
			api.groupPosts(params.group, { sort, cursor: cursorOf(url) })
		]),
		url
	);
	return { sort, group, list };
};
