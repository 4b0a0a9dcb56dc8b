import { error } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import type { Post } from '#lib/api/types.ts';
import { t } from '#lib/i18n/index.ts';
import { commentSorts, cursorOf, oneOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

/** Fetches what draws the rest of a post before it is drawn, so that nothing moves. */
const beside = (post: Post, guest: boolean): Promise<unknown> =>
	Promise.all([
		guest && import('#lib/ui/Gate.svelte'),
		post.reading?.fresh && import('#lib/ui/SinceVisit.svelte'),
		post.backfill && import('#lib/ui/Reading.svelte'),
		post.poll && import('#lib/ui/Poll.svelte'),
		post.event && import('#lib/ui/Event.svelte'),
		post.answer_id && import('#lib/ui/Answer.svelte')
	]);

export const load: PageLoad = async ({ url, params, parent }) => {
	const id = Number(params.id);
	if (!Number.isSafeInteger(id)) error(404, { message: t('problem.not_found'), code: 'not_found' });
	const sort = oneOf(url.searchParams.get('sort'), commentSorts, 'hot');
	const [post, list] = await orError(
		Promise.all([api.post(id), api.comments(id, { sort, limit: 100, cursor: cursorOf(url) })]),
		url
	);
	await beside(post, (await parent()).me === null);
	// On another page of the thread, perhaps; without it the thread is all there.
	const answer =
		post.answer_id && !post.removed && !post.deleted && !list.items.some((c) => c.id === post.answer_id)
			? await api.comment(post.answer_id, 0).then(
					(found) => found.comment,
					() => undefined
				)
			: undefined;
	return { sort, post, list, answer };
};
