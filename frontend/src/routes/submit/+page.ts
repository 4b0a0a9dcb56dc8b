import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { draft } from '#lib/api/drafts.ts';
import { filled, orError } from '#lib/util/load.ts';
import { quotable } from '#lib/util/quote.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	// Other servers send our people here with what they began to write there.
	const answers = filled(url, 'answers');
	const body = filled(url, 'body');
	if (/^https?:/i.test(answers)) {
		const to = new URLSearchParams({ uri: answers, do: 'answer', body });
		redirect(307, `/authorize_interaction?${to}`);
	}
	const offer = { title: filled(url, 'title'), body };
	const edit = Number(url.searchParams.get('edit'));
	const post = Number.isSafeInteger(edit) && edit > 0 ? await orError(api.post(edit), url) : null;
	const begun = filled(url, 'draft');
	const kept = begun && !post ? await orError(draft(begun), url) : undefined;
	const about = kept?.quote?.url || filled(url, 'quote');
	const quoting = about && !post ? quotable(await orError(api.resolve(about), url)) : undefined;
	const group = url.searchParams.get('group')?.trim() ?? '';
	return { post, group, quoting, kept, offer: offer.title || offer.body ? offer : undefined };
};
