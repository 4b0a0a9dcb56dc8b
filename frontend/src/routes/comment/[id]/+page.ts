import { error } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { t } from '#lib/i18n/index.ts';
import { commentSorts, cursorOf, oneOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const id = Number(params.id);
	if (!Number.isSafeInteger(id)) error(404, { message: t('problem.not_found'), code: 'not_found' });
	const sort = oneOf(url.searchParams.get('sort'), commentSorts, 'hot');
	const [context, below] = await orError(
		Promise.all([
			api.comment(id, 5),
			api.replies(id, { sort, limit: 100, cursor: cursorOf(url) })
		]),
		url
	);
	const items = [...context.ancestors, context.comment, ...below.items];
	return { ...context, sort, list: { items, next: below.next } };
};
