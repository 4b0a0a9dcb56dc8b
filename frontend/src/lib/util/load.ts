// What load functions share: problems become error screens, and closed doors
// lead to the sign-in page.
import { error, redirect } from '@sveltejs/kit';
import { asProblem } from '../api/problem.ts';
import { loginAddress } from './next.ts';

export async function orError<T>(promise: Promise<T>, url: URL): Promise<T> {
	try {
		return await promise;
	} catch (e) {
		const problem = asProblem(e);
		if (problem !== e) console.error(e);
		if (problem.code === 'unauthenticated') redirect(307, loginAddress(url));
		const status = problem.status >= 400 && problem.status < 600 ? problem.status : 503;
		error(status, { message: problem.message, code: problem.code });
	}
}

/** A value of the address, if it is one of those that exist. */
export function oneOf<T extends string>(
	value: string | null,
	allowed: readonly T[],
	otherwise: T
): T {
	return allowed.includes(value as T) ? (value as T) : otherwise;
}

export const firstSorts = ['hot', 'active', 'new', 'top'] as const;
export const moreSorts = ['controversial', 'scaled', 'oldest', 'unanswered'] as const;
export const postSorts = [...firstSorts, ...moreSorts] as const;
export const windows = ['hour', 'six_hours', 'day', 'week', 'month', 'year', 'all'] as const;
export const commentSorts = ['hot', 'top', 'new', 'old'] as const;
export const groupSorts = ['active', 'new', 'members', 'name'] as const;
export const views = ['home', 'people', 'local', 'all', 'moderated'] as const;

/** The order that an address asks for; nothing where it leaves that to the reader's taste. */
export function orderOf(url: URL): { sort?: (typeof postSorts)[number]; within?: (typeof windows)[number] } {
	const params = url.searchParams;
	return {
		sort: postSorts.find((sort) => sort === params.get('sort')),
		within: windows.find((within) => within === params.get('within'))
	};
}

/** The cursor of an address, or nothing. */
export const cursorOf = (url: URL): string | undefined => url.searchParams.get('cursor') || undefined;

/** The same page with other parameters; an empty one goes away. */
export function withParams(url: URL, changes: Record<string, string | undefined>): string {
	const params = new URLSearchParams(url.search);
	for (const [name, value] of Object.entries(changes)) {
		if (value) params.set(name, value);
		else params.delete(name);
	}
	const query = params.toString();
	return url.pathname + (query ? '?' + query : '');
}

/**
 * What another server put into a place of an address; a place that it did not
 * know still has its braces, and is empty.
 */
export function filled(url: URL, name: string): string {
	const value = url.searchParams.get(name)?.trim() ?? '';
	return /^\{[\w-]+\}$/.test(value) ? '' : value.slice(0, 10_000);
}
