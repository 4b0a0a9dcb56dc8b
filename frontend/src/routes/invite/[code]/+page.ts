import { invitation, joins } from '#lib/api/joining.ts';
import { asProblem } from '#lib/api/problem.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => ({
	code: params.code,
	joins: await orError(joins(), url),
	invitation: await invitation(params.code).catch((e: unknown) => {
		if (asProblem(e).code === 'not_found') return undefined;
		return orError(Promise.reject(e), url);
	})
});
