import { joins, myApplication } from '#lib/api/joining.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	return {
		joins: await orError(joins(), url),
		application: me?.waiting ? await orError(myApplication(), url) : undefined
	};
};
