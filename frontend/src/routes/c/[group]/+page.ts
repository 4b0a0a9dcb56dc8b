import * as api from '#lib/api/calls.ts';
import { Problem } from '#lib/api/problem.ts';
import type { PostPage } from '#lib/api/types.ts';
import { cursorOf, orderOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

/** A group for members only has a page, with nothing on it for others. */
function unlessForMembers(e: unknown): PostPage {
	if (e instanceof Problem && e.code === 'forbidden') return { items: [], sort: 'hot' };
	throw e;
}

export const load: PageLoad = async ({ url, params }) => {
	const [group, list] = await orError(
		Promise.all([
			api.group(params.group),
			api.groupPosts(params.group, { ...orderOf(url), cursor: cursorOf(url) }).catch(unlessForMembers)
		]),
		url
	);
	return { group, list };
};
