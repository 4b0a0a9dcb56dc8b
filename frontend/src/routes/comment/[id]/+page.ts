import { error } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import type { Comment } from '#lib/api/types.ts';
import { t } from '#lib/i18n/index.ts';
import { orError } from '#lib/util/load.ts';
import { subtree } from '#lib/util/tree.ts';
import type { PageLoad } from './$types';

/** A thread longer than this many pages is read from its post. */
const patience = 5;

/** What hangs below a comment, on whichever pages of its thread that is. */
async function below(comment: Comment): Promise<Comment[]> {
	let cursor: string | undefined;
	let all: Comment[] = [];
	for (let page = 0; page < patience; page++) {
		const part = await api.comments(comment.post_id, { sort: 'hot', limit: 100, cursor });
		all = all.concat(part.items);
		cursor = part.next;
		if (!cursor || subtree(all, comment.id).length > comment.reply_count) break;
	}
	const found = subtree(all, comment.id);
	return found.length ? found : [comment];
}

export const load: PageLoad = async ({ url, params }) => {
	const id = Number(params.id);
	if (!Number.isSafeInteger(id)) error(404, { message: t('problem.not_found'), code: 'not_found' });
	const context = await orError(api.comment(id, 5), url);
	const replies = context.comment.reply_count
		? await orError(below(context.comment), url)
		: [context.comment];
	return { ...context, list: { items: [...context.ancestors, ...replies] } };
};
