import * as api from '#lib/api/calls.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const [apps, tokens] = await Promise.all([orError(api.apps(), url), orError(api.tokens(), url)]);
	return { apps: apps.items, tokens: tokens.items };
};
