import { redirect } from '@sveltejs/kit';
import { filled } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	return {
		uri: filled(url, 'uri'),
		intent: url.searchParams.get('do') ?? '',
		body: filled(url, 'body')
	};
};
