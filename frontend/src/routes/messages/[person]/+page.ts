import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const cursor = cursorOf(url);
	return { me, cursor, thread: await orError(api.conversation(params.person, { cursor }), url) };
};
