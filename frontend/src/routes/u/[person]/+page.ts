import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orderOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

/** Nobody is busier than themselves: the order with that in mind is none here. */
function personOrder(url: URL) {
	const { sort, within } = orderOf(url);
	return { sort: sort === 'scaled' ? undefined : sort, within };
}

export const load: PageLoad = async ({ url, params }) => {
	const tab = oneOf(url.searchParams.get('tab'), ['posts', 'comments'], 'posts');
	const cursor = cursorOf(url);
	const [person, posts, comments] = await orError(
		Promise.all([
			api.person(params.person),
			tab === 'posts' ? api.personPosts(params.person, { ...personOrder(url), cursor }) : null,
			tab === 'comments' ? api.personComments(params.person, { cursor }) : null
		]),
		url
	);
	return { tab, person, posts, comments };
};
