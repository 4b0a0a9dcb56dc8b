import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/reports.ts';
import { cursorOf, oneOf, orError } from '#lib/util/load.ts';
import { mayHere } from '#lib/util/may.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

const scopes = ['mine', 'server', 'filed'] as const;
const states = ['open', 'resolved', 'rejected', 'withdrawn', 'all'] as const;

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	// First what one looks after; one's own are looked for to see what became
	// of them. The server's page chooses the same.
	const first = me.moderates ? 'mine' : mayHere(me, 'site.reports') ? 'server' : 'filed';
	const scope = oneOf(url.searchParams.get('scope'), scopes, first);
	const wanted = url.searchParams.get('state');
	const state = !wanted && scope === 'filed' ? 'all' : oneOf(wanted, states, 'open');
	const group = url.searchParams.get('group') || undefined;
	const [list, counts] = await orError(
		Promise.all([api.reports({ scope, state, group, cursor: cursorOf(url) }), api.reportCounts()]),
		url
	);
	return { me, scope, state, states, group, list, counts };
};
