import * as api from '#lib/api/calls.ts';
import { Problem } from '#lib/api/problem.ts';
import type { Page, Post } from '#lib/api/types.ts';
import { cursorOf, oneOf, orError, postSorts } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

/** A group for members only has a page, with nothing on it for others. */
function unlessForMembers(e: unknown): Page<Post> {
	if (e instanceof Problem && e.code === 'forbidden') return { items: [] };
	throw e;
}

export const load: PageLoad = async ({ url, params }) => {
	const sort = oneOf(url.searchParams.get('sort'), postSorts, 'hot');
	const [group, list] = await orError(
		Promise.all([
			api.group(params.group),
			api.groupPosts(params.group, { sort, cursor: cursorOf(url) }).catch(unlessForMembers)
		]),
		url
	);
	return { sort, group, list };
};
