import { redirect } from '@sveltejs/kit';
import { applications, invites, settled } from '#lib/api/joining.ts';
import { cursorOf, oneOf, orError } from '#lib/util/load.ts';
import { mayHere } from '#lib/util/may.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

const views = ['open', 'decided', 'invites', 'settings'] as const;

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const reviews = mayHere(me, 'site.applications');
	// Those who are trusted with some of it see that.
	const may = views.filter((view) => mayHere(me, view === 'invites' ? 'site.invites' : view === 'settings' ? 'site.settings' : 'site.applications'));
	const view = oneOf(url.searchParams.get('view'), may, may[0] ?? 'open');
	const cursor = cursorOf(url);
	const asked = view === 'decided' ? { state: 'decided' as const, cursor } : { cursor: view === 'open' ? cursor : undefined };
	return {
		view,
		views: may,
		// Its count stands on the tab, whichever is open.
		applications: reviews || !may.length ? await orError(applications(asked), url) : undefined,
		settled: view === 'settings' ? await orError(settled(), url) : undefined,
		invites: view === 'invites' ? await orError(invites({ cursor }), url) : undefined
	};
};
