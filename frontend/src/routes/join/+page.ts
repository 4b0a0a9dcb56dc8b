import { joins, myApplication } from '#lib/api/joining.ts';
import { email } from '#lib/api/people.ts';
import { Problem } from '#lib/api/problem.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

/** Who has only to confirm an address did not apply. */
const unlessNone = <T>(asked: Promise<T>): Promise<T | undefined> =>
	asked.catch((e: unknown) => {
		if (e instanceof Problem && e.code === 'not_found') return undefined;
		throw e;
	});

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	return {
		joins: await orError(joins(), url),
		application: me?.waiting || me?.unverified ? await orError(unlessNone(myApplication()), url) : undefined,
		email: me?.unverified ? await orError(email(), url) : undefined
	};
};
