import { redirect } from '@sveltejs/kit';
import { drafts } from '#lib/api/drafts.ts';
import { orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	return { drafts: await orError(drafts(), url) };
};
