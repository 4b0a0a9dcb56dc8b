import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const edit = Number(url.searchParams.get('edit'));
	const post = Number.isSafeInteger(edit) && edit > 0 ? await orError(api.post(edit), url) : null;
	const group = url.searchParams.get('group')?.trim() ?? '';
	return { post, group };
};
