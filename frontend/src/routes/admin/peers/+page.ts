import { redirect } from '@sveltejs/kit';
import { peers, peerStates } from '#lib/api/peers.ts';
import { cursorOf, oneOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const state = oneOf(url.searchParams.get('state'), peerStates, undefined as never);
	const q = url.searchParams.get('q')?.trim() || undefined;
	const list = await orError(peers({ state, q, cursor: cursorOf(url) }), url);
	return { state: state as (typeof peerStates)[number] | undefined, q: q ?? '', list };
};
