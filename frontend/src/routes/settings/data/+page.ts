import * as api from '#lib/api/calls.ts';
import { myExport, myImport } from '#lib/api/data.ts';
import { myHouse } from '#lib/api/moving.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	const [aliases, archive, brought] = await orError(Promise.all([myHouse.aliases(), myExport(), myImport()]), url);
	// Who is leaving has no page that others see.
	const profile = me.leaves_at ? undefined : await orError(api.person(me.name), url);
	return { profile, aliases, export: archive, import: brought, leaves: me.leaves_at };
};
