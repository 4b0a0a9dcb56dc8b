import { redirect } from '@sveltejs/kit';
import { loginAddress } from '#lib/util/next.ts';
import type { LayoutLoad } from './$types';

// Settings are somebody's: who is not signed in does that first.
export const load: LayoutLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	return { me };
};
